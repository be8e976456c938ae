const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const STABILITY = ['alpha', 'beta', undefined];

/**
 * Sorts versions as Kubernetes prefers them: v10, v2, v1, v1beta2, v1beta1, v1alpha1, then what is no such version, by the
 * alphabet.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [VERSION.exec(a), VERSION.exec(b)];
  if (!left || !right) return Number(!left) - Number(!right) || (a < b ? -1 : Number(a > b));
  const rank = ([, major, stability, minor]: RegExpExecArray) =>
    [STABILITY.indexOf(stability as 'alpha'), Number(major), Number(minor ?? 0)] as const;
  const [ranksA, ranksB] = [rank(left), rank(right)];
  return ranksB[0] - ranksA[0] || ranksB[1] - ranksA[1] || ranksB[2] - ranksA[2];
}

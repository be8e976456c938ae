/** The shortest decimal that is the same float32: 21.3, not 21.299999237060547. */
export function shortestFloat32(float: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return float;
}

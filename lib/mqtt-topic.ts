/** The longest topic that MQTT can write down, in bytes of UTF-8 (MQTT 3.1.1, 1.5.3). */
const MAX_TOPIC_BYTES = 65_535;

/**
 * What is wrong with a topic that is to be published on, in words; undefined for a good one.
 * Source: MQTT 3.1.1, 4.7 and 1.5.3.
 */
export function topicProblem(topic: string): string | undefined {
  const problem = textProblem(topic);
  if (problem !== undefined) return problem;
  return /[+#]/.test(topic) ? 'a topic to publish on has no wildcards + and #' : undefined;
}

/**
 * The same of a topic that somebody outside of the node publishes on. Those that begin with `$` belong to the node and its
 * broker: through KubeEdge's one could set twins, past every check of `setDesired`.
 */
export function foreignTopicProblem(topic: string): string | undefined {
  return topicProblem(topic) ?? (isHidden(topic) ? "topics that begin with $ are the node's own" : undefined);
}

/** The same of a topic filter: what one subscribes to. */
export function topicFilterProblem(filter: string): string | undefined {
  const problem = textProblem(filter);
  if (problem !== undefined) return problem;
  if (filter.startsWith('$share/'))
    return 'a shared subscription is one of MQTT clients: give the filter alone';
  const levels = filter.split('/');
  for (const [at, level] of levels.entries()) {
    if (level.includes('+') && level !== '+') return '+ stands for one whole level, as in plant/+/alarms';
    if (!level.includes('#')) continue;
    if (level !== '#' || at !== levels.length - 1)
      return '# stands for all levels from the last one on, as in plant/#';
  }
  return undefined;
}

/** Every topic that `inner` matches, `outer` matches too; `inner` may be a topic. A leading `#` or `+` does not reach topics that begin with `$`. */
export function covers(outer: string, inner: string): boolean {
  if (isHidden(inner) !== isHidden(outer)) return false;
  const wide = outer.split('/');
  const narrow = inner.split('/');
  for (const [at, level] of wide.entries()) {
    if (level === '#') return true;
    const other = narrow[at];
    if (other === undefined || other === '#' || (level !== '+' && level !== other)) return false;
  }
  return narrow.length === wide.length;
}

/** Some topic is matched by both. */
export function overlaps(one: string, other: string): boolean {
  if (isHidden(one) !== isHidden(other)) return false;
  const [a, b] = [one.split('/'), other.split('/')];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]];
    if (left === '#' || right === '#') return true;
    if (left === undefined || right === undefined) return a[at] === b[at];
    if (left !== '+' && right !== '+' && left !== right) return false;
  }
  return true;
}

/** Filters that match all that these match, and maybe more, but no topic twice: a broker may send a message once per filter. */
export function disjoint(filters: readonly string[]): string[] {
  const result: string[] = [];
  for (let filter of filters) {
    const touching = () => result.findIndex((other) => overlaps(other, filter));
    for (let at = touching(); at >= 0; at = touching()) {
      const [other] = result.splice(at, 1) as [string];
      filter = widened(other, filter);
    }
    result.push(filter);
  }
  return result;
}

/** The narrowest filter that covers two that overlap. */
function widened(one: string, other: string): string {
  if (covers(one, other)) return one;
  const [a, b] = [one.split('/'), other.split('/')];
  const levels: string[] = [];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]];
    if (left === '#' || right === '#') return [...levels, '#'].join('/');
    levels.push(left === right ? (left as string) : '+');
  }
  return levels.join('/');
}

const isHidden = (filter: string) => filter.startsWith('$');

function textProblem(text: string): string | undefined {
  if (text === '') return 'a topic has at least one character';
  if (text.includes('\0') || !text.isWellFormed())
    return 'a topic has no NUL and no half of a surrogate pair';
  const bytes = Buffer.byteLength(text);
  return bytes > MAX_TOPIC_BYTES
    ? `a topic has at most ${MAX_TOPIC_BYTES} bytes; this one has ${bytes}`
    : undefined;
}

import { OctographError } from '../lib/errors.ts';
import { covers, overlaps } from '../lib/mqtt-topic.ts';

export type Access = 'read' | 'write';

export interface BusUser {
  name: string | undefined;
  clientId: string;
}

interface Rule {
  /** Undefined: for everybody. */
  user: string | undefined;
  isPattern: boolean;
  access: ReadonlySet<Access>;
  denies: boolean;
  filter: string;
}

const KINDS: Record<string, readonly Access[]> = {
  read: ['read'],
  write: ['write'],
  readwrite: ['read', 'write'],
  deny: ['read', 'write'],
};

/**
 * Who may read and write which topics: a file in mosquitto's format. `topic` lines before the first `user` line are for
 * clients without a name, those after it for that user; `pattern` lines are for everybody, with `%u` the user and `%c` the
 * client. What no line allows is forbidden, and `deny` goes before all others.
 * @throws OctographError `SETTINGS` naming file, line and what was expected
 */
export class AclFile {
  readonly #rules: readonly Rule[];

  constructor(text: string, name: string) {
    this.#rules = parseRules(text, name);
  }

  mayPublish(user: BusUser, topic: string): boolean {
    return this.#allows(user, 'write', topic);
  }

  /** Whether every topic that the filter can match may be read. */
  maySubscribe(user: BusUser, filter: string): boolean {
    return this.#allows(user, 'read', filter);
  }

  #allows(user: BusUser, access: Access, filter: string): boolean {
    const rules = this.#rules.flatMap((rule) => {
      const own = filterFor(rule, user);
      return own !== undefined && rule.access.has(access) ? { denies: rule.denies, filter: own } : [];
    });
    if (rules.some((rule) => rule.denies && overlaps(rule.filter, filter))) return false;
    return rules.some((rule) => !rule.denies && covers(rule.filter, filter));
  }
}

function filterFor({ user, isPattern, filter }: Rule, { name, clientId }: BusUser): string | undefined {
  if (!isPattern) return user === name ? filter : undefined;
  if (filter.includes('%u') && name === undefined) return undefined;
  // A client that calls itself `#` must not become a wildcard.
  const parts = [filter.includes('%u') ? name : '', filter.includes('%c') ? clientId : ''];
  if (parts.some((part) => /[+#/]/.test(part ?? ''))) return undefined;
  return filter.replaceAll('%u', () => name ?? '').replaceAll('%c', () => clientId);
}

function parseRules(text: string, name: string): Rule[] {
  let user: string | undefined;
  const rules: Rule[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [word = '', ...rest] = line.split(/\s+/);
    const tail = rest.join(' ');
    if (word === 'user' && tail !== '') user = tail;
    else if ((word === 'topic' || word === 'pattern') && tail !== '') {
      const kind = rest.length > 1 && KINDS[rest[0] as string] ? (rest[0] as string) : 'readwrite';
      const filter = rest.length > 1 && KINDS[rest[0] as string] ? rest.slice(1).join(' ') : tail;
      const isPattern = word === 'pattern';
      rules.push({ user, isPattern, access: new Set(KINDS[kind]), denies: kind === 'deny', filter });
    } else {
      throw new OctographError(
        'SETTINGS',
        `${name}, line ${index + 1}: ${JSON.stringify(line)}; expected user NAME, or topic or pattern [read|write|readwrite|deny] TOPIC`,
      );
    }
  }
  return rules;
}

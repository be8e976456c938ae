import { OctographError } from '../../lib/errors.ts';
import type { Principal } from './authentication.ts';

/** As Kubernetes names them. */
export type AccessVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

export interface AccessQuestion {
  verb: AccessVerb;
  /** Plural, with the subresource: `devices`, `devices/desired`, `pods`. */
  resource: string;
  /** Absent: in all namespaces, or of the cluster. */
  namespace?: string;
  /** Absent: whatever it is called. */
  name?: string;
}

/** What a principal may do, as Kubernetes' PolicyRule has it. `*` is any. */
export interface AccessRule {
  verbs: readonly string[];
  resources: readonly string[];
  /** Absent: in all of them. A rule with namespaces says nothing of the cluster's own resources. */
  namespaces?: readonly string[];
}

/** Decides. What throws counts as a no. */
export interface Authorizer {
  allows(principal: Principal, question: AccessQuestion): boolean | Promise<boolean>;
  /** The principal may do whatever its rights allow: no need to ask. */
  isUnbound(principal: Principal): boolean;
}

const readVerbs: readonly string[] = ['get', 'list', 'watch'];

/** By the principal's own rights and rules. */
export const ruleAuthorizer: Authorizer = {
  allows({ rights, rules }, question) {
    if (rights !== 'write' && !readVerbs.includes(question.verb)) return false;
    return !rules || rules.some((rule) => covers(rule, question));
  },
  isUnbound: ({ rules }) => !rules,
};

function covers({ verbs, resources, namespaces }: AccessRule, { verb, resource, namespace }: AccessQuestion) {
  return (
    includes(verbs, verb) &&
    includes(resources, resource) &&
    (!namespaces || (namespace !== undefined && includes(namespaces, namespace)))
  );
}

const includes = (list: readonly string[], item: string) => list.includes('*') || list.includes(item);

/** What one caller sees of a resource, decided beforehand: lists judge every item of theirs by it. */
export interface Sight {
  /** As it was decided last. */
  sees(namespace?: string): boolean;
  /** As it is now, for good: live sets judge by it what was and what is. */
  readonly extent: Extent;
}

export interface Extent {
  /** Names what is seen: the same for all who see the same. */
  readonly scope: string;
  sees(namespace?: string): boolean;
}

interface OpenSight {
  resource: string;
  namespaces: () => Iterable<string>;
  extent: Extent;
}

/** The questions of one operation. Answers are asked once, and remembered: a live operation is over when one of them turns. */
export class Authorization {
  readonly #principal: Principal;
  readonly #authorizer: Authorizer;
  readonly #answers = new Map<string, { question: AccessQuestion; allowed: Promise<boolean> }>();
  readonly #sights: OpenSight[] = [];
  readonly #listeners: Array<() => void> = [];

  constructor(principal: Principal, authorizer: Authorizer = ruleAuthorizer) {
    this.#principal = principal;
    this.#authorizer = authorizer;
  }

  get isUnbound(): boolean {
    return this.#authorizer.isUnbound(this.#principal);
  }

  may(question: AccessQuestion): Promise<boolean> {
    const key = textOf(question);
    const known = this.#answers.get(key);
    if (known) return known.allowed;
    const allowed = this.#ask(question);
    this.#answers.set(key, { question, allowed });
    return allowed;
  }

  /** @throws OctographError `FORBIDDEN`, naming who, what and where */
  async require(question: AccessQuestion): Promise<void> {
    if (await this.may(question)) return;
    throw new OctographError('FORBIDDEN', `${this.#principal.name} may not ${textOf(question)}`);
  }

  /**
   * Which namespaces' objects the caller may `list`: asked for all of them at once, and only where that is refused for each
   * of those that there are.
   */
  async sight(resource: string, namespaces: () => Iterable<string>): Promise<Sight> {
    const open: OpenSight = { resource, namespaces, extent: await this.#extentOf(resource, namespaces) };
    this.#sights.push(open);
    return {
      sees: (namespace) => open.extent.sees(namespace),
      get extent() {
        return open.extent;
      },
    };
  }

  /** Called when the caller sees something else than before. */
  onSight(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Asks anew what was answered with no, and of namespaces that came since: what is seen now may be more. */
  async renew(): Promise<void> {
    if (this.#listeners.length === 0) return;
    for (const [key, { allowed }] of this.#answers) if (!(await allowed)) this.#answers.delete(key);
    let isNew = false;
    for (const open of this.#sights) {
      const extent = await this.#extentOf(open.resource, open.namespaces);
      isNew ||= extent.scope !== open.extent.scope;
      open.extent = extent;
    }
    if (isNew) for (const listener of this.#listeners) listener();
  }

  /** Asks anew what was answered with yes. @returns the first question that no longer is */
  async lost(): Promise<AccessQuestion | undefined> {
    for (const { question, allowed } of this.#answers.values()) {
      if ((await allowed) && !(await this.#ask(question))) return question;
    }
    return undefined;
  }

  async #extentOf(resource: string, namespaces: () => Iterable<string>): Promise<Extent> {
    if (await this.may({ verb: 'list', resource })) return { scope: '*', sees: () => true };
    const each = [...new Set(namespaces())];
    const answers = await Promise.all(
      each.map((namespace) => this.may({ verb: 'list', resource, namespace })),
    );
    const seen = new Set(each.filter((_namespace, index) => answers[index]).sort());
    return {
      scope: [...seen].join(),
      sees: (namespace) => namespace !== undefined && seen.has(namespace),
    };
  }

  async #ask(question: AccessQuestion): Promise<boolean> {
    try {
      return await this.#authorizer.allows(this.#principal, question);
    } catch {
      return false;
    }
  }
}

export function textOf({ verb, resource, namespace, name }: AccessQuestion): string {
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  return `${verb} ${resource}${name === undefined ? '' : ` ${name}`}${where}`;
}

/**
 * What the replica is called towards each node. A node that meets another name than last time says everything anew: so a name is
 * given up where the replica has lost something that the node believes it has.
 */
export class ReplicaIds {
  readonly #id: string;
  readonly #renewals = new Map<string, number>();
  /** Devices that left a node, by uid and node; what the node said of them is forgotten. */
  readonly #left = new Map<string, Set<string>>();

  /** @param id another one in each life of the process */
  constructor(id: string) {
    this.#id = id;
  }

  of(nodeName: string): string {
    const renewals = this.#renewals.get(nodeName);
    return renewals === undefined ? this.#id : `${this.#id}-${renewals}`;
  }

  left(uid: string, nodeName: string): void {
    this.#left.set(uid, (this.#left.get(uid) ?? new Set()).add(nodeName));
  }

  /** @returns whether the device was on that node before: then the node gets another name, and has to be met anew */
  came(uid: string, nodeName: string): boolean {
    if (!this.#left.get(uid)?.delete(nodeName)) return false;
    this.#renewals.set(nodeName, (this.#renewals.get(nodeName) ?? 0) + 1);
    return true;
  }

  deleted(uid: string): void {
    this.#left.delete(uid);
  }
}

/**
 * Keeps a reading that was taken before a write from being reported after it: the device would seem to have drifted back.
 * A property is fenced for a collection if a write to it was under way at any time since the collection began.
 */
export class ApplyFence {
  #clock = 0;
  #underWay = new Map<string, number>();
  #endedAt = new Map<string, number>();

  /** Begins a write; the returned function ends it. */
  begin(property: string): () => void {
    this.#underWay.set(property, (this.#underWay.get(property) ?? 0) + 1);
    return () => {
      const left = (this.#underWay.get(property) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(property);
      else this.#underWay.set(property, left);
      this.#endedAt.set(property, ++this.#clock);
    };
  }

  /** Begins a collection; the returned question may be asked when its readings are there. */
  beginCollection(): (property: string) => boolean {
    const startedAt = this.#clock;
    return (property) => this.#underWay.has(property) || (this.#endedAt.get(property) ?? 0) > startedAt;
  }
}

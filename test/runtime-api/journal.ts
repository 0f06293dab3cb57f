/** One thing that somebody outside of the function saw. */
export interface Entry {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** e.g. `invoke`, `response`, `put outcome`, `frozen`. */
  readonly what: string;
  /** The invocation that it belongs to, by its own account. */
  readonly invocation: string | undefined;
  /** The invocation that the platform was running, if it was not frozen. */
  readonly during: string | undefined;
}

/** What platform, service and sinks saw, in one order: all of them are served by the process that writes it. */
export class Journal {
  readonly entries: Entry[] = [];
  /** Set by the platform. */
  running: string | undefined;

  add(what: string, invocation?: string): void {
    this.entries.push({ at: performance.now(), what, invocation, during: this.running });
  }

  /** What happened, in order; of one invocation, or all. */
  order(invocation?: string): string[] {
    return this.entries
      .filter((entry) => invocation === undefined || entry.invocation === invocation)
      .map(({ what }) => what);
  }

  /** When something happened first. @throws Error if it did not */
  at(what: string, invocation?: string): number {
    const found = this.entries.find(
      (entry) => entry.what === what && (invocation === undefined || entry.invocation === invocation),
    );
    if (found === undefined) throw new Error(`there is no "${what}" of ${invocation}: ${this.order().join(', ')}`);
    return found.at;
  }

  /** What belongs to one invocation, but was done while another ran: `<what> of <one> during <another>`. */
  strays(): string[] {
    return this.entries
      .filter(({ invocation, during }) => invocation !== undefined && during !== undefined && invocation !== during)
      .map(({ what, invocation, during }) => `${what} of ${invocation} during ${during}`);
  }
}

/**
 * Limits how many calls use connections to a service at once; further calls wait, first come, first served.
 *
 * The agent of node:http could limit this itself (`maxSockets`), but it hands a connection straight from one answer to the next
 * waiting request, without a chance to look at what else the service has sent on it.
 */
export class Places {
  private readonly waiting = new Set<() => void>();

  constructor(private free: number) {}

  /**
   * Takes a place, or waits for one.
   *
   * @param onTaken called once there is one, at once if possible
   * @returns gives the place back, or stops waiting for it; further calls do nothing
   */
  take(onTaken: () => void): () => void {
    let taken = false;
    let returned = false;
    const begin = () => {
      taken = true;
      this.free -= 1;
      onTaken();
    };
    if (this.free > 0) begin();
    else this.waiting.add(begin);
    return () => {
      if (returned) return;
      returned = true;
      this.waiting.delete(begin);
      if (taken) this.giveBack();
    };
  }

  private giveBack(): void {
    this.free += 1;
    const [next] = this.waiting;
    if (next === undefined) return;
    this.waiting.delete(next);
    next();
  }
}

/**
 * Numbers what happens in a test, over all its servers and clients: whatever has the lower number came first. All of them
 * live in one process, so that one counter tells more surely than any clock.
 */
export class Steps {
  private last = 0;

  next(): number {
    return (this.last += 1);
  }
}

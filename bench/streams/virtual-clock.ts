import type { Clock } from '../../lambda/recorder/clock';

interface Timer {
  readonly at: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Time that jumps from one timer to the next, so that a minute of a busy system takes as long as its work. */
export class VirtualClock implements Clock {
  private time = 0;
  private order = 0;
  /** A binary heap, the earliest first. */
  private readonly heap: Timer[] = [];

  now(): number {
    return this.time;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer: Timer = { at: this.time + milliseconds, order: (this.order += 1), callback };
    this.push(timer);
    return () => (timer.callback = undefined);
  }

  /** Runs every timer until `end`, each with all that it sets off. */
  async runUntil(end: number): Promise<void> {
    for (let next = this.heap[0]; next !== undefined && next.at <= end; next = this.heap[0]) {
      this.pop();
      this.time = next.at;
      if (next.callback === undefined) continue;
      next.callback();
      await settle();
    }
    this.time = end;
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

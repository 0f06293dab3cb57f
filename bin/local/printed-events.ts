import { LastResortReader } from '../../lib/event/last-resort-reader';

/** Prints events of the last resort that the function's log did not take, and counts them. */
export class PrintedEvents {
  private readonly reader = new LastResortReader();
  private whole = 0;

  constructor(
    private readonly print: (text: string) => void,
    private readonly warn: (line: string) => void,
  ) {}

  /** How many events were printed. */
  get count(): number {
    return this.whole + this.reader.incomplete().length;
  }

  readonly take = (line: string): void => {
    if (this.count === 0) {
      this.warn(
        'the log of the function cannot be written; events that no sink takes are printed here: keep this output',
      );
    }
    this.whole += this.reader.add(line).events.length;
    // As it is, on a line of its own: `audit-proxy recover` reads it from a copy of this output.
    this.print(`${line}\n`);
  };
}

import fs from 'node:fs';

/** The calls that the log makes of the file system; tests give one that fails. */
export type LogFileSystem = Pick<typeof fs, 'fstatSync' | 'readSync' | 'writeSync' | 'ftruncateSync'>;

const LINE_FEED = 0x0a;

/**
 * The function's log, a file that several environments append to. Node's own stdout would lose the rest of a write that the
 * disk takes in part, and end the process at one that fails.
 */
export class FunctionLog {
  /** @param descriptor opened with `a+`; with `a`, a line may follow one that was cut, on the same line */
  constructor(
    private readonly descriptor: number,
    private readonly files: LogFileSystem = fs,
  ) {}

  /** Writes all of the text, or takes back what it wrote. @returns whether the log has it */
  write(text: string): boolean {
    let written = 0;
    let before = 0;
    try {
      before = this.files.fstatSync(this.descriptor).size;
      const bytes = Buffer.from(this.endsInLine(before) ? `\n${text}` : text);
      while (written < bytes.length) written += this.files.writeSync(this.descriptor, bytes, written);
      return true;
    } catch {
      if (written > 0) this.takeBack(before, written);
      return false;
    }
  }

  /** Whether a process died or the disk filled in the middle of a line: what follows must begin one of its own. */
  private endsInLine(size: number): boolean {
    if (size === 0) return false;
    const last = Buffer.alloc(1);
    try {
      return this.files.readSync(this.descriptor, last, 0, 1, size - 1) === 1 && last[0] !== LINE_FEED;
    } catch {
      // What cannot be read can still be written.
      return false;
    }
  }

  /** A cut line would be reported as damaged by `recover`. Once another process has written behind it, it stays. */
  private takeBack(before: number, written: number): void {
    try {
      if (this.files.fstatSync(this.descriptor).size === before + written) {
        this.files.ftruncateSync(this.descriptor, before);
      }
    } catch {
      // The next line begins anew.
    }
  }
}

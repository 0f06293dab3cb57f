/** Tells on stderr how far a long piece of work is. */
export interface Progress {
  show(text: string): void;
  /** Ends it; what is printed next begins on a line of its own. */
  end(): void;
}

/** Least pause between two lines where nobody watches, e.g. in the log of a job. */
const PAUSE_MS = 10_000;

/** One line that is written over again and again on a screen, and a line now and then elsewhere. */
export function progressOn(stream: NodeJS.WriteStream, now: () => number): Progress {
  let written = false;
  let next = now() + PAUSE_MS;
  return {
    show(text) {
      if (stream.isTTY) {
        stream.write(`\r\u001b[K${text}`);
        written = true;
      } else if (now() >= next) {
        stream.write(`${text}\n`);
        next = now() + PAUSE_MS;
      }
    },
    end() {
      if (written) stream.write('\r\u001b[K');
    },
  };
}

/** Told how far a long work is. */
export interface Progress {
  /** A part of the work begins. @param total how many steps it has, if that is known */
  phase(name: string, total?: number): void;
  /** So many steps are done. */
  at(done: number): void;
  end(): void;
}

/** Where nobody watches. */
export const NO_PROGRESS: Progress = { phase: () => undefined, at: () => undefined, end: () => undefined };

const WIDTH = 30;
const INTERVAL_MS = 100;

/** A bar on a terminal, on one line, gone when the work is done. */
export function progressBar(terminal: NodeJS.WriteStream, now: () => number = Date.now): Progress {
  let [name, total, shown] = ['', 0, 0];
  const show = (line: string) => {
    terminal.write(`\r\x1b[K${line}`);
    shown = now();
  };
  return {
    phase(next, of = 0) {
      [name, total] = [next, of];
      show(`verifying ${name}`);
    },
    at(done) {
      if (now() - shown < INTERVAL_MS || total === 0) return;
      const filled = Math.round((done / total) * WIDTH);
      show(`verifying ${name} [${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${done} of ${total}`);
    },
    end: () => show(''),
  };
}

import { parentPort, Worker, workerData } from 'node:worker_threads';
import { objectsOf, type DeliveryObject } from './objects';
import { readSegment } from './write-ahead-log';

/** Reads a segment and turns it into objects; the same segment always gives the same ones. */
export type Convert = (segment: string) => Promise<readonly DeliveryObject[]>;

/** Converts in the thread that asks. */
export function conversionHere(logFolder: string): Convert {
  return async (segment) => objectsOf(segment, (await readSegment(logFolder, segment)).records);
}

/**
 * Converts in a thread of its own, so that acknowledgements do not wait for it: thousands of events take a second of
 * work. One conversion at a time.
 */
export class ConversionThread {
  private worker: Worker | undefined;
  private waiting:
    { resolve: (objects: readonly DeliveryObject[]) => void; reject: (error: Error) => void } | undefined;

  /** @param program the file to run in the thread; it calls `serveConversions`. */
  constructor(
    private readonly program: string,
    private readonly logFolder: string,
  ) {
    // Now, so that the first event does not wait for it.
    this.worker = this.start();
  }

  readonly convert: Convert = (segment) =>
    new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.worker ??= this.start();
      this.worker.postMessage(segment);
    });

  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(this.program, { workerData: this.logFolder });
    worker.on('message', ({ objects, error }: Answer) => {
      if (objects === undefined) this.waiting?.reject(new Error(error));
      else this.waiting?.resolve(objects);
    });
    // The thread is gone, e.g. for want of memory; the next conversion gets another.
    const gone = (reason: string): void => {
      if (this.worker === worker) this.worker = undefined;
      this.waiting?.reject(new Error(`conversion stopped: ${reason}`));
    };
    worker.on('error', (error) => gone(String(error)));
    worker.on('exit', (code) => gone(`exit code ${code}`));
    return worker;
  }
}

interface Answer {
  readonly objects?: readonly DeliveryObject[];
  readonly error?: string;
}

/** The other side of ConversionThread: what its program does. */
export function serveConversions(): void {
  const port = parentPort;
  if (port === null) throw new Error('not in a thread');
  const convert = conversionHere(workerData as string);
  port.on('message', (segment: string) => {
    convert(segment).then(
      (objects) => {
        const answer: Answer = { objects };
        port.postMessage(
          answer,
          objects.map(({ bytes }) => bytes.buffer),
        );
      },
      (error: unknown) => port.postMessage({ error: String(error) } satisfies Answer),
    );
  });
}

import { parseArgs } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { serveConversions } from './conversion';
import { startDeliveryStream } from './delivery-stream';

/**
 * The delivery stream as a process.
 *
 *     node dist/bin/local/delivery/main.js --data DIR [--port N] [--stream NAME]... [--buffer-ms N]
 *
 * Forked, it sends `{ready: true, port}` once it listens, or `{error: line}` and exits with 2. It stops on the message
 * `{stop: true}`, on SIGTERM and when its parent is gone: takes no more, delivers all, exits with 0 (with 1 if the
 * folder kept failing; the records are in the write-ahead log then). Ctrl-C reaches every process of a terminal at
 * once: a forked one leaves it to its parent to say when to stop.
 */
const forked = process.send !== undefined;

async function main(): Promise<void> {
  const told = stopSignal();
  const stream = await startDeliveryStream(readArguments());
  if (!forked) process.stdout.write(`delivery stream on http://127.0.0.1:${stream.port}\n`);
  else if (process.connected) process.send?.({ ready: true, port: stream.port });
  await told;
  const delivered = await stream.stop();
  if (!delivered) process.stderr.write('delivery stream: not all is delivered; the rest follows at the next start\n');
  process.exit(delivered ? 0 : 1);
}

/** Resolves when the process is told to stop, be it before it has come up. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => resolve();
    process.on('SIGTERM', stop);
    process.on('SIGINT', forked ? () => undefined : stop);
    process.on('disconnect', stop);
    process.on('message', (message: { stop?: boolean } | null) => {
      if (message?.stop === true) stop();
    });
  });
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '0' },
      stream: { type: 'string', multiple: true, default: ['audit-events'] },
      'buffer-ms': { type: 'string', default: '1000' },
    },
  });
  if (values.data === undefined) throw new Error('--data DIR is missing');
  return {
    data: values.data,
    port: wholeNumber('--port', values.port, 65_535),
    streams: values.stream,
    bufferMs: wholeNumber('--buffer-ms', values['buffer-ms'], 900_000),
    conversionProgram: __filename,
  };
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value > most) {
    throw new Error(`${option} must be a whole number up to ${most}, got ${text}`);
  }
  return value;
}

function fail(error: unknown): void {
  const line = explain(error as NodeJS.ErrnoException);
  if (forked && process.connected) {
    process.send?.({ error: line }, () => process.exit(2));
  } else {
    process.stderr.write(`delivery stream: ${line}\n`);
    process.exit(2);
  }
}

/** One clear line. */
function explain(error: NodeJS.ErrnoException & { port?: number }): string {
  if (error.code === 'EADDRINUSE' && error.port !== undefined) return `port ${error.port} is taken`;
  return error.message.split('\n')[0]!;
}

if (isMainThread) {
  // Whoever reads our output may die before us; that must not keep us from delivering.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  main().catch(fail);
} else {
  serveConversions();
}

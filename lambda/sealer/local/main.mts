import path from 'node:path';
import { parseArgs } from 'node:util';
import { LEDGER_PREFIX } from '../../../lib/event/keys';
import { Sealer } from '../../../lib/ledger/seal';
import { Inspector } from '../inspect/inspector';
import { timing as waiting } from '../timing';
import { DurableFiles } from './durable';
import { FolderListing } from './folder-listing';
import { folderObjects } from './folder-objects';
import { FolderStore } from './folder-store';
import { KnownSize } from './known-size';
import { localKey } from './local-key';
import { Sealing } from './sealing';

/**
 * The sealer of a trail in a folder, as a process.
 *
 *     node dist/lambda/sealer-local/index.mjs --data DIR [--interval-ms N]
 *
 * Forked, it sends `{ready: true, vkey}` once it seals, or `{error: line}` and exits with 2. It stops on the message
 * `{stop: true}`, on SIGTERM and when its parent is gone: seals all that is there, exits with 0, or with 1 if not all
 * could be. Ctrl-C reaches every process of a terminal at once: a forked one leaves it to its parent to say when to stop.
 */
const forked = process.send !== undefined;

/**
 * Longest pause within one round, in milliseconds. A folder that fails does so for long, and the next round tries again; the
 * pauses that suit a bucket would keep the warning back for half a minute.
 */
const MAX_RETRY_PAUSE_MS = 20;

async function main(): Promise<void> {
  const told = stopSignal();
  const { data, intervalMs } = readArguments();
  const staging = path.join(data, '.staging-ledger');
  const files = await DurableFiles.open(staging);
  const known = await KnownSize.open(path.join(data, 'keys'), files);
  const signer = await localKey(path.join(data, 'keys'), files);
  const sealer = new Sealer({
    store: await FolderStore.open(path.join(data, LEDGER_PREFIX), staging),
    inspector: new Inspector(folderObjects(data)),
    signer,
    timing: { ...waiting, sleep: (milliseconds) => waiting.sleep(Math.min(milliseconds, MAX_RETRY_PAUSE_MS)) },
    minTreeSize: known.atLeast,
  });
  const warn = (line: string): void => void process.stderr.write(`sealer: ${line}\n`);
  const sealing = new Sealing({ listing: new FolderListing(data), sealer, known, intervalMs, warn });
  if (!forked) process.stdout.write(`sealing; ${signer.verifier.vkey}\n`);
  else if (process.connected) process.send?.({ ready: true, vkey: signer.verifier.vkey });
  await told;
  process.exit((await sealing.stop()) ? 0 : 1);
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

function readArguments(): { readonly data: string; readonly intervalMs: number } {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, 'interval-ms': { type: 'string', default: '1000' } },
  });
  const { data, 'interval-ms': interval } = values;
  if (data === undefined) throw new Error('--data DIR is missing');
  if (!/^\d{1,6}$/.test(interval)) throw new Error(`--interval-ms must be a whole number, got ${interval}`);
  return { data: path.resolve(data), intervalMs: Number(interval) };
}

function fail(error: unknown): void {
  const [line] = (error as Error).message.split('\n');
  if (forked && process.connected) {
    process.send?.({ error: line }, () => process.exit(2));
  } else {
    process.stderr.write(`sealer: ${line}\n`);
    process.exit(2);
  }
}

// Whoever reads our output may die before us; that must not keep us from sealing.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
main().catch(fail);

import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { startPipeline } from '../../bin/local/pipeline';
import { sealFolder } from '../support/seal-folder';

/** A trail that the real pipeline made, which honest verifiers looked at while it grew. */
export interface RealTrail {
  /** Nobody writes here: attacks are made on copies. */
  readonly dir: string;
  /** The ledger's key, as somebody wrote it down at the beginning. */
  readonly key: string;
  /** The signed checkpoints, in the order in which they were seen. */
  readonly checkpoints: readonly Buffer[];
  /** Keys of the objects with events, in the order in which they came; the one chain goes through all of them. */
  readonly objects: readonly string[];
  remove(): Promise<void>;
}

/** How often requests were sent; an object with events for each, and one with the closing event. */
const WAVES = 4;
const REQUESTS = 3;

/** Sends requests through the whole pipeline, seals after each wave, and stops it as Ctrl-C does. */
export async function makeRealTrail(): Promise<RealTrail> {
  const dir = await mkdtemp(path.join(tmpdir(), 'attacked-'));
  const pipeline = await startPipeline({ dataFolder: dir, port: 0, concurrency: 1, warn: () => undefined });
  const checkpoints: Buffer[] = [];
  const objects: string[] = [];
  const seal = async () => {
    await sealFolder(dir);
    checkpoints.push(await readFile(path.join(dir, 'ledger/checkpoint')));
    objects.push(...(await keysUnder(dir, 'events/')).filter((key) => !objects.includes(key)));
  };
  try {
    for (let wave = 0; wave < WAVES; wave++) {
      for (let n = 0; n < REQUESTS; n++) {
        const answer = await fetch(`${pipeline.url}/orders?wave=${wave}&n=${n}`);
        await answer.arrayBuffer();
      }
      while ((await keysUnder(dir, 'events/')).length <= objects.length) await sleep(50);
      await seal();
    }
  } finally {
    await pipeline.stop();
  }
  await seal();
  const key = (await readFile(path.join(dir, 'keys/ledger.vkey'), 'utf8')).trim();
  return { dir, key, checkpoints, objects, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** The keys of all objects below a prefix, sorted. */
export async function keysUnder(dir: string, prefix: string): Promise<string[]> {
  const entries = await readdir(path.join(dir, prefix), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

/** A copy to be attacked, gone when the test is. */
export async function copyOf({ dir }: Pick<RealTrail, 'dir'>): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), 'attack-'));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  await cp(dir, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

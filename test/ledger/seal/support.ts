import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import {
  checkAppendOnly,
  decodeLeaf,
  eventsRoot,
  localSigner,
  openCheckpoint,
  verifyTiles,
  type Checkpoint,
  type NoteSigner,
  type ObjectLeaf,
} from '../../../lib/ledger';
import {
  Sealer,
  SealError,
  decodeIndexFile,
  versionName,
  type ObjectFacts,
  type ObjectInspector,
  type ObjectVersion,
  type SealStore,
} from '../../../lib/ledger/seal';
import type { MemorySealStore } from '../../support/memory-seal-store';
import { privateKeyOf } from '../support';

export const signer: NoteSigner = localSigner('example.com/trail', privateKeyOf('A'.repeat(43) + '='));

/** Different object versions; every fifth holds events, every seventh lies in no hour. */
export function versionsOf(count: number, first = 0): ObjectVersion[] {
  return Array.from({ length: count }, (_, i) => {
    const n = first + i;
    const hour = String(n % 3).padStart(2, '0');
    const name = String(n).padStart(7, '0');
    if (n % 7 === 6) return { key: `payloads/${name}`, versionId: 'v1' };
    return { key: `events/dt=2026-11-24/hour=${hour}/${name}.parquet`, versionId: `v${n % 2}` };
  });
}

export function factsOf(version: ObjectVersion): ObjectFacts {
  const sha256 = createHash('sha256').update(versionName(version)).digest('hex');
  const hasEvents = Number.parseInt(sha256.slice(0, 2), 16) % 5 === 0;
  return { size: version.key.length, sha256, ...(hasEvents && { events: eventsRoot([sha256]) }) };
}

export const inspector: ObjectInspector = { inspect: async (version) => factsOf(version) };

export const noWaiting = { sleep: async () => undefined, random: () => 0 };

export function sealerOver(store: SealStore, options: Partial<ConstructorParameters<typeof Sealer>[0]> = {}): Sealer {
  return new Sealer({ store, inspector, signer, timing: noWaiting, ...options });
}

/** The code of the SealError that sealing ends with. */
export async function codeOf(sealing: Promise<unknown>): Promise<string> {
  const error = await sealing.then(
    () => expect.fail('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof SealError) return error.code;
  throw error;
}

/** Names of versions, sorted. */
export function named(versions: readonly ObjectVersion[]): string[] {
  return versions.map(versionName).sort();
}

/**
 * Checks all that a ledger promises, and gives its leaves: the tiles lead to the signed root; every checkpoint that there
 * ever was continues the one before; each version is there once, and the index says where; nothing that is written once
 * changed.
 */
export async function provenLeaves(store: MemorySealStore): Promise<ObjectLeaf[]> {
  const reader = { read: async (path: string) => store.files.get(path)?.bytes };
  let last: Checkpoint | undefined;
  for (const bytes of store.history.get('checkpoint') ?? []) {
    const next = openCheckpoint(bytes, [signer.verifier]);
    if (last !== undefined) {
      expect(next.size).toBeGreaterThan(last.size);
      await checkAppendOnly(reader, last, next);
    }
    last = next;
  }
  const leaves: ObjectLeaf[] = [];
  if (last !== undefined) {
    for await (const { entries } of verifyTiles(reader, last)) leaves.push(...entries.map(decodeLeaf));
  }
  expect(new Set(leaves.map(versionName)).size).toBe(leaves.length);
  expect(indexOf(store)).toEqual(Object.fromEntries(leaves.map((leaf, i) => [versionName(leaf), i])));
  expect(store.violations).toEqual([]);
  return leaves;
}

function indexOf(store: MemorySealStore): Record<string, number> {
  const index: Record<string, number> = {};
  for (const [path, { bytes }] of store.files) {
    if (!path.startsWith('index/')) continue;
    for (const entry of decodeIndexFile(path, bytes)) {
      expect(index).not.toHaveProperty([versionName(entry)]);
      index[versionName(entry)] = entry.leaf;
    }
  }
  return index;
}

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

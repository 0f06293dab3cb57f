import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { TRAIL_PREFIXES } from '../../../lib/event/keys';
import {
  checkAppendOnly,
  decodeLeaf,
  noteVerifier,
  openCheckpoint,
  verifyTiles,
  type Checkpoint,
  type ObjectLeaf,
} from '../../../lib/ledger';

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sealer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Verifies the ledger of a trail in a folder as an outsider with the vkey would, and that its leaves are the objects that
 * are there, no more and no fewer.
 */
export async function verifiedLeaves(data: string, vkey: string): Promise<ObjectLeaf[]> {
  const verifier = noteVerifier(vkey);
  const ledger = path.join(data, 'ledger');
  const reader = {
    read: (name: string) =>
      readFile(path.join(ledger, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
  };
  const current = readFileSync(path.join(ledger, 'checkpoint'));
  let last: Checkpoint | undefined;
  const states = readdirSync(path.join(ledger, 'versions', 'checkpoint')).sort();
  for (const state of states) {
    const bytes = readFileSync(path.join(ledger, 'versions', 'checkpoint', state));
    const next = openCheckpoint(bytes, [verifier]);
    if (last !== undefined) await checkAppendOnly(reader, last, next);
    last = next;
    if (state === states.at(-1)) expect(current.equals(bytes)).toBe(true);
  }
  const leaves: ObjectLeaf[] = [];
  for await (const { entries } of verifyTiles(reader, last!)) leaves.push(...entries.map(decodeLeaf));

  const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
  const stated = leaves.map(({ key, versionId, size, sha256 }) => ({ key, versionId, size, sha256 })).sort(byKey);
  expect(stated).toEqual(objectsIn(data).sort(byKey));
  return leaves;
}

function objectsIn(data: string) {
  return TRAIL_PREFIXES.flatMap((prefix) => filesUnder(data, prefix)).map((key) => {
    const bytes = readFileSync(path.join(data, key));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { key, versionId: 'null', size: bytes.length, sha256 };
  });
}

function filesUnder(data: string, folder: string): string[] {
  try {
    return readdirSync(path.join(data, folder), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? filesUnder(data, `${folder}${entry.name}/`) : [folder + entry.name],
    );
  } catch {
    return [];
  }
}

import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { NO_PROGRESS } from '../../bin/verify/progress';
import { localStore } from '../../bin/verify/trail/local-store';
import { verify } from '../../bin/verify/verify';
import { payloadKey } from '../../lib/event/keys';
import { appendEntries, EMPTY_EDGE, encodeLeaf, localSigner, signCheckpoint, type LedgerFile } from '../../lib/ledger';

const MINUTE_MS = 60_000;
const AT_ONCE = 500;

export interface Incremental {
  readonly checkpoints: number;
  /** Objects hashed: none, since nothing is new. */
  readonly hashed: number;
  readonly findings: number;
  readonly seconds: number;
}

/**
 * Makes a trail in a folder with a checkpoint a minute, and verifies it from the last one: nothing is new.
 *
 * @param count checkpoints, each of a leaf more
 */
export async function verifyFromLast(folder: string, count: number): Promise<Incremental> {
  const dir = await realpath(folder);
  const signer = localSigner('bench.example.com/trail', generateKeyPairSync('ed25519').privateKey);
  const now = Date.now();
  const files = new Map<string, Uint8Array>();
  let partial: readonly LedgerFile[] = [];
  let edge = EMPTY_EDGE;
  let note: Buffer = Buffer.alloc(0);
  for (let n = 1; n <= count; n++) {
    const body = Buffer.from(`body ${n}`);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const key = payloadKey(now - (count - n) * MINUTE_MS, sha256);
    files.set(key, body);
    const tree = appendEntries(edge, [encodeLeaf({ key, versionId: 'null', size: body.length, sha256 })]);
    edge = tree.edge;
    partial = [...partial.filter(({ path }) => !isReplaced(path, tree.files)), ...tree.files];
    for (const file of partial) if (!file.path.includes('.p/')) files.set(`ledger/${file.path}`, file.body);
    partial = partial.filter((file) => file.path.includes('.p/'));
    note = await signCheckpoint({ origin: signer.verifier.name, size: n, root: tree.root }, [signer]);
    files.set(`ledger/versions/checkpoint/${String(n).padStart(16, '0')}`, note);
  }
  for (const file of partial) files.set(`ledger/${file.path}`, file.body);
  await writeAll(dir, files.set('ledger/checkpoint', note));
  const start = performance.now();
  const { findings, totals } = await verify({
    store: localStore(dir),
    key: signer.verifier,
    from: { note, file: 'the last checkpoint' },
    sealLagMs: 2 * MINUTE_MS,
    edgeLagMs: 2 * MINUTE_MS,
    now,
    progress: NO_PROGRESS,
  });
  const seconds = (performance.now() - start) / 1_000;
  return { checkpoints: count, hashed: totals.hashed_objects, findings: findings.length, seconds };
}

/** Whether a partial file has become a wider one. */
function isReplaced(file: string, by: readonly LedgerFile[]): boolean {
  const whole = file.replace(/\.p\/\d+$/, '');
  return by.some(({ path }) => path.replace(/\.p\/\d+$/, '') === whole);
}

async function writeAll(dir: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const all = [...files].map(([name, bytes]) => ({ file: path.join(dir, name), bytes }));
  for (const folder of new Set(all.map(({ file }) => path.dirname(file)))) await mkdir(folder, { recursive: true });
  for (let i = 0; i < all.length; i += AT_ONCE) {
    await Promise.all(all.slice(i, i + AT_ONCE).map(({ file, bytes }) => writeFile(file, bytes)));
  }
}

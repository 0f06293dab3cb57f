import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { expect } from 'vitest';
import {
  EMPTY_EDGE,
  LedgerError,
  appendEntries,
  type AppendedTree,
  type LedgerEdge,
  type LedgerErrorCode,
  type LedgerFile,
  type TileReader,
} from '../../lib/ledger';

/** RFC 6962, section 2.1, word for word, with hashes of its own: what the library is compared with. */
export class NaiveTree {
  private readonly known = new Map<string, Buffer>();

  constructor(private readonly entries: readonly Uint8Array[]) {}

  /** MTH(D[start:end]) */
  mth(start: number, end: number): Buffer {
    const key = `${start}-${end}`;
    const hash = this.known.get(key) ?? this.compute(start, end);
    this.known.set(key, hash);
    return hash;
  }

  root(size: number): Buffer {
    return this.mth(0, size);
  }

  /** PATH(m, D[start:end]), m counted from start. */
  path(m: number, start: number, end: number): Buffer[] {
    const n = end - start;
    if (n === 1) return [];
    const k = split(n);
    return m < k
      ? [...this.path(m, start, start + k), this.mth(start + k, end)]
      : [...this.path(m - k, start + k, end), this.mth(start, start + k)];
  }

  /** PROOF(m, D[n]) */
  proof(m: number, n: number): Buffer[] {
    return this.subproof(m, 0, n, true);
  }

  private subproof(m: number, start: number, end: number, whole: boolean): Buffer[] {
    const n = end - start;
    if (m === n) return whole ? [] : [this.mth(start, end)];
    const k = split(n);
    return m <= k
      ? [...this.subproof(m, start, start + k, whole), this.mth(start + k, end)]
      : [...this.subproof(m - k, start + k, end, false), this.mth(start, start + k)];
  }

  private compute(start: number, end: number): Buffer {
    const n = end - start;
    if (n === 0) return sha256();
    if (n === 1) return sha256(Buffer.of(0), this.entries[start]!);
    const k = split(n);
    return sha256(Buffer.of(1), this.mth(start, start + k), this.mth(start + k, end));
  }
}

function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** A ledger in memory. Complains when a file that was written once is to become another. */
export class MemoryLedger implements TileReader {
  readonly files = new Map<string, Buffer>();
  readonly reads: string[] = [];

  async read(path: string): Promise<Uint8Array | undefined> {
    this.reads.push(path);
    return this.files.get(path);
  }

  write(files: readonly LedgerFile[]): void {
    for (const { path, body } of files) {
      const there = this.files.get(path);
      if (there !== undefined && !there.equals(body)) throw new Error(`${path} was written before, with other bytes`);
      this.files.set(path, body);
    }
  }

  append(edge: LedgerEdge, entries: readonly Uint8Array[]): AppendedTree {
    const appended = appendEntries(edge, entries);
    this.write(appended.files);
    return appended;
  }

  /** Puts an altered copy in the place of a file. */
  alter(path: string, change: (body: Buffer) => Buffer | undefined): MemoryLedger {
    const altered = new MemoryLedger();
    for (const [at, body] of this.files) altered.files.set(at, body);
    const body = change(Buffer.from(this.files.get(path)!));
    if (body === undefined) altered.files.delete(path);
    else altered.files.set(path, body);
    return altered;
  }
}

export function ledgerOf(entries: readonly Uint8Array[]): { ledger: MemoryLedger; head: AppendedTree } {
  const ledger = new MemoryLedger();
  return { ledger, head: ledger.append(EMPTY_EDGE, entries) };
}

/** Different entries of equal length. */
export function entriesOf(count: number, first = 0): Buffer[] {
  return Array.from({ length: count }, (_, i) => Buffer.from(`entry ${String(first + i).padStart(6, '0')}`));
}

/** The same bytes with one bit flipped. */
export function flipped(bytes: Uint8Array, at: number, bit = at % 8): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1 << bit;
  return copy;
}

/** The code of the LedgerError that a call throws; fails when it throws none, or another error. */
export async function codeOf(call: () => unknown): Promise<LedgerErrorCode> {
  try {
    await call();
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
  return expect.fail('nothing was thrown');
}

/** An Ed25519 private key from its seed. */
export function privateKeyOf(seed: string): KeyObject {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([prefix, Buffer.from(seed, 'base64')]), format: 'der', type: 'pkcs8' });
}

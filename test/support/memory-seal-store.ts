import type { SealStore, StoredFile } from '../../lib/ledger/seal';

/** One call of a sealer to its store. */
export interface StoreCall {
  readonly kind: 'get' | 'list' | 'hasHistory' | 'putIfAbsent' | 'putIfMatch';
  readonly path: string;
  /** Counted from 0 over all calls of this client. */
  readonly number: number;
  /** Counted from 0 over its writes; -1 for a read. */
  readonly write: number;
}

/** What goes wrong with a call: it fails and did nothing, or it fails though it was done. */
export type StoreFault = 'failed' | 'failed but persisted';

export interface ClientHooks {
  /** Asked before each call. A client that has crashed fails ever after. */
  readonly fault?: (call: StoreCall) => StoreFault | 'crash before' | 'crash after' | undefined;
  /** The call waits for it: a scheduler decides whose turn it is. */
  readonly turn?: (call: StoreCall) => Promise<void>;
}

/** The files that may be replaced. */
const MUTABLE = ['head', 'checkpoint'];

/**
 * A ledger in memory, as strict as a locked bucket: a file that is written once and comes again with other bytes is told
 * by `violations`, whatever the sealer makes of it.
 */
export class MemorySealStore {
  readonly files = new Map<string, StoredFile>();
  /** Every content that a replaced file has had, oldest first. */
  readonly history = new Map<string, Uint8Array[]>();
  /** Paths of the writes that changed something, in order. */
  readonly written: string[] = [];
  readonly violations: string[] = [];
  /** Paths that have had a file, be it removed since: as in a bucket with versions. */
  private readonly everWritten = new Set<string>();
  calls = 0;
  private etags = 0;

  /** A sealer's way to the store. */
  client(hooks: ClientHooks = {}): SealStore {
    let number = 0;
    let writes = 0;
    let dead = false;
    const call = async <T>(kind: StoreCall['kind'], path: string, effect: () => T): Promise<T> => {
      const isWrite = kind === 'putIfAbsent' || kind === 'putIfMatch';
      const made: StoreCall = { kind, path, number: number++, write: isWrite ? writes++ : -1 };
      this.calls += 1;
      await hooks.turn?.(made);
      const fault = dead ? 'crash before' : hooks.fault?.(made);
      if (fault === 'crash before' || fault === 'crash after') dead = true;
      if (fault === 'failed' || fault === 'crash before') throw new Error(`${kind} ${path}: ${fault}`);
      const result = effect();
      if (fault !== undefined) throw new Error(`${kind} ${path}: ${fault}`);
      return result;
    };
    return {
      get: (path) => call('get', path, () => this.files.get(path)),
      list: (prefix) => call('list', prefix, () => [...this.files.keys()].filter((path) => path.startsWith(prefix))),
      hasHistory: (prefix) =>
        call('hasHistory', prefix, () => [...this.everWritten].some((path) => path.startsWith(prefix))),
      putIfAbsent: (path, bytes) => call('putIfAbsent', path, () => this.putNew(path, bytes)),
      putIfMatch: (path, bytes, etag) => call('putIfMatch', path, () => this.replace(path, bytes, etag)),
    };
  }

  /** Somebody writes past every rule; without bytes, the file is hidden by a delete marker. */
  overwrite(path: string, bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.files.delete(path);
    else this.store(path, bytes);
  }

  private putNew(path: string, bytes: Uint8Array): boolean {
    const there = this.files.get(path);
    if (there === undefined) {
      this.written.push(path);
      this.store(path, bytes);
      return true;
    }
    if (!MUTABLE.includes(path) && Buffer.compare(there.bytes, bytes) !== 0) this.violations.push(path);
    return false;
  }

  private replace(path: string, bytes: Uint8Array, etag: string): boolean {
    if (!MUTABLE.includes(path)) this.violations.push(path);
    if (this.files.get(path)?.etag !== etag) return false;
    this.written.push(path);
    this.store(path, bytes);
    return true;
  }

  private store(path: string, bytes: Uint8Array): void {
    this.everWritten.add(path);
    this.files.set(path, { bytes: Buffer.from(bytes), etag: `etag-${(this.etags += 1)}` });
    if (MUTABLE.includes(path)) this.history.set(path, [...(this.history.get(path) ?? []), Buffer.from(bytes)]);
  }
}

import type { ObjectVersion } from '../../../lib/ledger/seal';

/** Gives out the bytes of objects. */
export interface ObjectSource {
  /** Opens a version; undefined if there is none. */
  open(version: ObjectVersion): Promise<OpenObject | undefined>;
}

/** One version of one object, whose bytes do not change. */
export interface OpenObject {
  /** Bytes that there should be. */
  readonly size: number;
  /** All of it, from the beginning; read once, and to its end. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** A part of it, `end` not included; as often as wanted. */
  range(start: number, end: number): Promise<Uint8Array>;
}

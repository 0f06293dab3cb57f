import { LEDGER_PREFIX } from '../../event/keys';
import type { ObjectLeaf } from '../leaf/object-leaf';

/** One version of one object: what a leaf is about. */
export interface ObjectVersion {
  readonly key: string;
  /** As S3 gives it; `null`, as text, where there are no versions. */
  readonly versionId: string;
}

/** What an object is, found by reading all of it. */
export type ObjectFacts = Pick<ObjectLeaf, 'size' | 'sha256' | 'events'> & {
  /**
   * Why its events could not be read, though it should hold some, or what is wrong with one of them. It is sealed all the
   * same: its bytes count.
   */
  readonly unreadable?: string;
};

/** Reads objects, so that they can be sealed. */
export interface ObjectInspector {
  /**
   * @returns undefined if there is no such version, or no longer
   * @throws Error if it cannot be read now; it is sealed another time
   */
  inspect(version: ObjectVersion): Promise<ObjectFacts | undefined>;
}

/** Everything but the ledger itself is sealed. */
export function isSealedKey(key: string): boolean {
  return !key.startsWith(LEDGER_PREFIX);
}

/** A version as one text: ids of versions hold no line break. */
export function versionName({ key, versionId }: ObjectVersion): string {
  return `${versionId}\n${key}`;
}

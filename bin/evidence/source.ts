import type { ObjectLeaf, TileReader } from '../../lib/ledger';

/** The files of a ledger, to read and to look for. */
export interface LedgerFiles extends TileReader {
  /** Paths of the files in a folder, sorted; none if it is not there. @param folder ends with a slash */
  list(folder: string): Promise<string[]>;
}

/** What evidence is taken from: a trail in a folder or in a bucket. */
export interface EvidenceSource {
  readonly ledger: LedgerFiles;
  /** The bytes of an object as a leaf names it; undefined if it is not there. */
  read(version: Pick<ObjectLeaf, 'key' | 'versionId'>): Promise<Buffer | undefined>;
  /**
   * Whether to walk over all entries of the ledger for an object that the sealer's index does not name: where the ledger is
   * far away that is a long way.
   */
  readonly walks: boolean;
}

/** A Merkle log in C2SP tlog-tiles form: see README.md. Not part of the construct library's API. */
export { LedgerError, type LedgerErrorCode, type LedgerErrorPlace } from './error';

export { EMPTY_ROOT, HASH_SIZE, hashChildren, hashLeaf } from './merkle/hash';
export { inclusionProof, verifyConsistency, verifyInclusion, type TreeHead } from './merkle/proof';
export { TreeHasher } from './merkle/tree-hasher';

export { CHECKPOINT_PATH, TILE_WIDTH, entriesPath, parseTilePath, tilePath, type TilePath } from './tiles/path';
export { MAX_ENTRY_SIZE, decodeEntries, encodeEntries } from './tiles/bundle';
export type { TileReader } from './tiles/reader';
export { EMPTY_EDGE, readLedgerEdge, type LedgerEdge, type RightEdge } from './tiles/edge';
export { appendEntries, type AppendedTree, type LedgerFile } from './tiles/append';
export { TiledTree, type TiledTreeOptions } from './tiles/tiled-tree';
export { verifyTiles, type EntryBatch, type VerifyTilesOptions } from './tiles/verify-tiles';

export { localSigner, noteVerifier, vkeyOf, type NoteSigner, type NoteVerifier } from './checkpoint/key';
export { openNote, parseNote, signNote, type NoteSignature, type OpenedNote, type SignedNote } from './checkpoint/note';
export {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  type Checkpoint,
} from './checkpoint/checkpoint';
export { checkAppendOnly } from './checkpoint/append-only';
export { formatTlogProof, parseTlogProof, verifyTlogProof, type TlogProof } from './checkpoint/tlog-proof';

export { LEAF_VERSION, decodeLeaf, encodeLeaf, type EventsRoot, type ObjectLeaf } from './leaf/object-leaf';
export { EventsHasher, eventProof, eventsRoot, verifyEvent } from './leaf/events';

/** Sealing: how object versions come into the ledger, each once. See README.md. Not part of the construct library's API. */
export { SealError, isFinal, type SealErrorCode } from './error';
export { HEAD_PATH } from './head';
export { decodeIndexFile, indexFolder, type IndexEntry } from './index-file';
export { isSealedKey, versionName, type ObjectFacts, type ObjectInspector, type ObjectVersion } from './objects';
export type { Timing } from './patience';
export type { SealReport } from './report';
export { Sealer, type SealerOptions } from './sealer';
export type { SealStore, StoredFile } from './store';

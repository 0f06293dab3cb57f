import { LEDGER_PREFIX } from '../../event/keys';
import { HEAD_PATH } from '../../ledger/seal/head';
import { CHECKPOINT_PATH } from '../../ledger/tiles/path';

/** Prefixes under which the sealer writes each key once. See lib/ledger/seal/README.md. */
export const WRITTEN_ONCE = ['index/', 'staging/', 'tile/'].map((path) => LEDGER_PREFIX + path);

/** Keys that the sealer replaces, each time only if they are as it read them. */
export const SWAPPED = [HEAD_PATH, CHECKPOINT_PATH].map((path) => LEDGER_PREFIX + path);

import { setTimeout as sleep } from 'node:timers/promises';
import type { Timing } from '../../lib/ledger/seal';

/** Time and chance as they are. */
export const timing: Timing = { sleep: (milliseconds) => sleep(milliseconds), random: Math.random };

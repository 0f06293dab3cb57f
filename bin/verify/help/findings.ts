import type { FindingCode } from '../codes';
import type { CodeHelp } from './code-help';
import { EDGE_HELP, EVENT_HELP } from './events';
import { LEDGER_HELP, OBJECT_HELP } from './ledger';

/** Meaning and advice of each finding. */
export const FINDING_HELP: Readonly<Record<FindingCode, CodeHelp>> = {
  ...EVENT_HELP,
  ...EDGE_HELP,
  ...OBJECT_HELP,
  ...LEDGER_HELP,
};

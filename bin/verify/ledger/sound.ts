import type { FindingCode } from '../codes';
import type { Report } from '../report';

/** What says that a checkpoint is not one to check later ones against. */
const UNSOUND: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'NO_CHECKPOINT',
  'CHECKPOINT_MISSING',
  'KEY_CHANGED',
  'NOTE_MALFORMED',
  'CHECKPOINT_MALFORMED',
  'SIGNATURE_INVALID',
  'SIGNATURE_MISSING',
  'ORIGIN_MISMATCH',
  'ROOT_MISMATCH',
  'TILE_MISSING',
  'TILE_MALFORMED',
  'TILE_MISMATCH',
  'ROLLED_BACK',
  'FORKED',
]);

/** Whether signature and tree are sound, and continue what was signed before; objects and events may be what they like. */
export function isLedgerSound({ findings }: Report): boolean {
  return !findings.some(({ code }) => UNSOUND.has(code));
}

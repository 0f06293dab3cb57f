import { EvidenceError, checkEvidence } from '../../lib/ledger/evidence';
import { EvidenceUnavailable } from './error';
import { readEvidence } from './files';
import { keyOf } from './key';
import { provenJson, provenText, refusedJson, refusedText } from './report';

/** What a check says, and whether it proves the event. */
export interface CheckResult {
  readonly proven: boolean;
  readonly report: string;
}

/**
 * Checks a file.
 *
 * @param given vkey, or the name of a file with it
 * @throws EvidenceUnavailable if it cannot be checked: neither proven nor refuted
 */
export async function runCheck(file: string, given: string, format: 'table' | 'json'): Promise<CheckResult> {
  const key = await keyOf(given);
  const bytes = await readEvidence(file);
  try {
    const event = checkEvidence(bytes, key);
    return { proven: true, report: format === 'json' ? provenJson(event, key) : provenText(event, key) };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    if (NEWER.has(error.code)) throw new EvidenceUnavailable(`${file} needs a newer audit-proxy: ${error.message}`);
    return { proven: false, report: format === 'json' ? refusedJson(error) : refusedText(error) };
  }
}

const NEWER: ReadonlySet<string> = new Set(['EVIDENCE_VERSION_UNKNOWN', 'LEAF_VERSION_UNKNOWN']);

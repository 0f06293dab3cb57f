import type { NoteVerifier } from '../../lib/ledger';
import { EvidenceError, checkEvidence, splitEvidence, type ProvenEvent } from '../../lib/ledger/evidence';
import { EvidenceUnavailable } from './error';
import { readEvidence } from './files';
import { keyOf } from './key';
import { provenJson, provenText, refusedJson, refusedText, severalJson, severalText } from './report';

/** What a check says, and whether it proves every event of the file. */
export interface CheckResult {
  readonly proven: boolean;
  readonly report: string;
}

/**
 * Checks a file with the evidence for one event or for several. Several are proven if each of them is.
 *
 * @param given vkey, or the name of a file with it
 * @throws EvidenceUnavailable if it cannot be checked: neither proven nor refuted
 */
export async function runCheck(file: string, given: string, format: 'table' | 'json'): Promise<CheckResult> {
  const key = await keyOf(given);
  const results = splitEvidence(await readEvidence(file)).map((section) => check(file, section, key));
  const reports = results.map((result) => reportOf(result, key, format));
  const proven = results.every((result) => !(result instanceof EvidenceError));
  if (results.length === 1) return { proven, report: reports[0]! };
  const isProven = results.map((result) => !(result instanceof EvidenceError));
  return { proven, report: format === 'json' ? severalJson(isProven, reports) : severalText(isProven, reports) };
}

function check(file: string, section: Buffer, key: NoteVerifier): ProvenEvent | EvidenceError {
  try {
    return checkEvidence(section, key);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    if (NEWER.has(error.code)) throw new EvidenceUnavailable(`${file} needs a newer audit-proxy: ${error.message}`);
    return error;
  }
}

function reportOf(result: ProvenEvent | EvidenceError, key: NoteVerifier, format: 'table' | 'json'): string {
  if (result instanceof EvidenceError) return format === 'json' ? refusedJson(result) : refusedText(result);
  return format === 'json' ? provenJson(result, key) : provenText(result, key);
}

const NEWER: ReadonlySet<string> = new Set(['EVIDENCE_VERSION_UNKNOWN', 'LEAF_VERSION_UNKNOWN']);

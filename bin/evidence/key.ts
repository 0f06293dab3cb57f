import { readFile } from 'node:fs/promises';
import { LedgerError, noteVerifier, type NoteVerifier } from '../../lib/ledger';
import { EvidenceUnavailable } from './error';

/**
 * The log's key, as `--key` gives it.
 *
 * @param given a vkey, or the name of a file that holds one and nothing else
 * @throws EvidenceUnavailable if it is neither
 */
export async function keyOf(given: string): Promise<NoteVerifier> {
  const key = verifierOf(given);
  if (!(key instanceof LedgerError)) return key;
  const text = await readFile(given, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new EvidenceUnavailable(`--key: ${key.message}, and no file that can be read`);
  }
  const inFile = verifierOf(text.trim());
  if (!(inFile instanceof LedgerError)) return inFile;
  throw new EvidenceUnavailable(`--key: the file ${given} does not hold the vkey of an Ed25519 key, and only that`);
}

function verifierOf(vkey: string): NoteVerifier | LedgerError {
  try {
    return noteVerifier(vkey);
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
}

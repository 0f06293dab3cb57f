import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { joinEvidence } from '../../lib/ledger/evidence';
import { EvidenceUnavailable } from './error';
import { writeEvidence } from './files';
import type { Proof } from './prove';
import type { ProvenName } from './prove-named';

/** A file with evidence. */
export interface WrittenFile {
  /** As it was given; `-` for standard output. */
  readonly file: string;
  readonly sha256: string;
  readonly proofs: readonly Proof[];
}

/**
 * Writes evidence into one file, or into a folder, one file a name.
 *
 * @param output a folder if it is there and one, or ends with a slash; `-` for standard output
 * @throws EvidenceUnavailable if a file is there and not to be replaced, or cannot be written
 */
export async function writeProofs(
  proven: readonly ProvenName[],
  output: string,
  force: boolean,
): Promise<WrittenFile[]> {
  const files = (await isFolder(output))
    ? proven.map(({ proofs }) => ({ file: path.join(output, `${fileName(proofs)}.tlog-proof`), proofs }))
    : [{ file: output, proofs: distinct(proven) }];
  const written = new Map<string, WrittenFile>();
  for (const { file, proofs } of files) {
    const bytes = joinEvidence(proofs.map(({ evidence }) => evidence));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const before = written.get(file);
    if (before?.sha256 === sha256) continue; // One request that has two names.
    if (before !== undefined) throw new EvidenceUnavailable(`${file} was not written again: an event and a request that were asked for have the same id, so that one is forged`); // prettier-ignore
    await writeEvidence(file, bytes, force);
    written.set(file, { file, sha256, proofs });
  }
  return [...written.values()];
}

async function isFolder(output: string): Promise<boolean> {
  if (output.endsWith('/') || output.endsWith(path.sep)) {
    try {
      await mkdir(output, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new EvidenceUnavailable(`the folder ${output} cannot be made: ${(error as Error).message}`);
    }
    return true;
  }
  return stat(output).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Names of events and requests may overlap; an event is in a file once. */
function distinct(proven: readonly ProvenName[]): Proof[] {
  return [...new Map(proven.flatMap(({ proofs }) => proofs).map((proof) => [String(proof.evidence), proof])).values()];
}

/** Never the name that was asked for, which could lead elsewhere: uids of sealed events are letters, digits, `-` and `_`. */
function fileName(proofs: readonly Proof[]): string {
  const correlation = proofs[0]!.event.metadata.correlation_uid;
  if (proofs.length > 1 && correlation !== undefined && /^[A-Za-z0-9][\w-]{0,200}$/.test(correlation))
    return correlation;
  return proofs[0]!.uid;
}

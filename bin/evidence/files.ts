import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { EvidenceUnavailable } from './error';

/** Evidence says who did what: whoever makes it decides who else may read it. */
const MODE = 0o600;

/** About 10,000 events; so that a file that is no evidence is not read for long. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Writes evidence to a file that is there whole or not at all.
 *
 * @param file `-` for standard output
 * @param force whether a file that is there is replaced
 * @throws EvidenceUnavailable if the file is there, or cannot be written
 */
export async function writeEvidence(file: string, evidence: Buffer, force: boolean): Promise<void> {
  if (evidence.length > MAX_BYTES) {
    throw new EvidenceUnavailable(`${file} was not written: it would be larger than check reads (64 MiB); write into a folder, or fewer events`); // prettier-ignore
  }
  if (file === '-') {
    process.stdout.write(evidence);
    return;
  }
  const target = force ? `${file}.${process.pid}` : file;
  let created = false;
  try {
    if (force) await rm(target, { force: true }); // left by one that was killed
    const handle = await open(target, 'wx', MODE);
    created = true;
    await writeFile(handle, evidence).finally(() => handle.close());
    if (force) await rename(target, file);
  } catch (error) {
    if (created) await rm(target, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it is there already; --force replaces it' : message;
    throw new EvidenceUnavailable(`${file} was not written: ${why}`);
  }
}

/** @throws EvidenceUnavailable if a file that is to be written is there, and not to be replaced */
export async function refuseExisting(file: string, force: boolean): Promise<void> {
  const exists = await stat(file).then(
    () => true,
    () => false,
  );
  if (exists && !force)
    throw new EvidenceUnavailable(`${file} was not written: it is there already; --force replaces it`);
}

/** Reads evidence. @param file `-` for standard input @throws EvidenceUnavailable */
export async function readEvidence(file: string): Promise<Buffer> {
  if (file === '-') return buffer(process.stdin);
  try {
    const { size } = await stat(file);
    if (size <= MAX_BYTES) return await readFile(file);
  } catch (error) {
    throw new EvidenceUnavailable(`cannot read ${file}: ${(error as Error).message}`);
  }
  throw new EvidenceUnavailable(`${file} is larger than any evidence`);
}

import { TLOG_PROOF_HEADER } from '../checkpoint/tlog-proof';

/** Puts the evidence for several events into one file: their tlog-proofs, one after the other, byte for byte. */
export function joinEvidence(sections: readonly Uint8Array[]): Buffer {
  return Buffer.concat(sections);
}

/**
 * Takes a file apart into the evidence for each of its events. A section begins at each line that is the header of a
 * tlog-proof, so that every byte of the file belongs to one of them: what precedes the first header is a section too, which
 * no check accepts.
 *
 * @returns at least one section
 */
export function splitEvidence(file: Uint8Array): Buffer[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const sections: Buffer[] = [];
  let start = 0;
  for (let next = bytes.indexOf(NEXT); next >= 0; next = bytes.indexOf(NEXT, next + 1)) {
    sections.push(bytes.subarray(start, next + 1));
    start = next + 1;
  }
  sections.push(bytes.subarray(start));
  return sections;
}

const NEXT = `\n${TLOG_PROOF_HEADER}\n`;

import { createHash, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  TiledTree,
  formatTlogProof,
  localSigner,
  parseTlogProof,
  signCheckpoint,
  verifyTlogProof,
} from '../../../lib/ledger';
import { codeOf, entriesOf, flipped, ledgerOf } from '../support';

const HEADER = 'c2sp.org/tlog-proof@v1\n';
const hash = (text: string) => createHash('sha256').update(text).digest();
const base64 = (text: string) => hash(text).toString('base64');

/** The cases of transparency-dev/merkle, proof/tlog_proof_test.go. */
describe('a tlog-proof', () => {
  it.each([
    {
      name: 'without extra data',
      proof: { index: 5, hashes: [hash('hash1'), hash('hash2')], checkpoint: Buffer.from('test checkpoint\n') },
      file: `${HEADER}index 5\n${base64('hash1')}\n${base64('hash2')}\n\ntest checkpoint\n`,
    },
    {
      name: 'with extra data',
      proof: {
        index: 10,
        hashes: [hash('hash1')],
        checkpoint: Buffer.from('checkpoint\n\ndata\n'),
        extra: Buffer.from('extra information'),
      },
      file: `${HEADER}extra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 10\n${base64('hash1')}\n\ncheckpoint\n\ndata\n`,
    },
    {
      name: 'without hashes',
      proof: { index: 0, hashes: [], checkpoint: Buffer.from('checkpoint\n') },
      file: `${HEADER}index 0\n\ncheckpoint\n`,
    },
    {
      name: 'with extra data that are empty',
      proof: { index: 0, hashes: [], checkpoint: Buffer.from('checkpoint\n'), extra: Buffer.alloc(0) },
      file: `${HEADER}extra \nindex 0\n\ncheckpoint\n`,
    },
  ])('$name is written, and read again', ({ proof, file }) => {
    expect(String(formatTlogProof(proof))).toBe(file);
    expect(parseTlogProof(Buffer.from(file))).toEqual(proof);
  });

  it.each([
    ['another header', 'wrong-header\nindex 0\n\ncheckpoint\n'],
    ['extra data that are not base64', `${HEADER}extra !!notbase64!!\nindex 0\n\ncheckpoint\n`],
    ['no index', `${HEADER}\n\ncheckpoint\n`],
    ['an index that is no number', `${HEADER}index notanumber\n\ncheckpoint\n`],
    ['a negative index', `${HEADER}index -5\n\ncheckpoint\n`],
    ['an index with leading zeroes', `${HEADER}index 05\n\ncheckpoint\n`],
    ['an index beyond 2^53−1', `${HEADER}index 9007199254740992\n\ncheckpoint\n`],
    ['a hash that is not base64', `${HEADER}index 0\n!!notbase64!!\n\ncheckpoint\n`],
    ['a hash of 64 bytes', `${HEADER}index 0\n${Buffer.alloc(64).toString('base64')}\n\ncheckpoint\n`],
    ['no checkpoint', `${HEADER}index 0\n`],
    ['extra data behind the index', `${HEADER}index 0\nextra AAAA\n\ncheckpoint\n`],
    ['nothing', ''],
  ])('is malformed with %s', async (_, file) => {
    expect(await codeOf(() => parseTlogProof(Buffer.from(file)))).toBe('PROOF_MALFORMED');
  });
});

describe('evidence for an entry', () => {
  const entries = entriesOf(1_000);
  const signer = localSigner('example.com/log', generateKeyPairSync('ed25519').privateKey);
  const keys = [signer.verifier];
  let file: Buffer;

  beforeAll(async () => {
    const { ledger, head } = ledgerOf(entries);
    const checkpoint = await signCheckpoint({ origin: 'example.com/log', size: head.size, root: head.root }, [signer]);
    const hashes = await (await TiledTree.open(ledger, head)).inclusionProof(321);
    file = formatTlogProof({ index: 321, hashes, checkpoint });
  });

  it('is checked with nothing but the key', () => {
    expect(verifyTlogProof(file, entries[321]!, keys).size).toBe(1_000);
    expect(verifyTlogProof(parseTlogProof(file), entries[321]!, keys, 'example.com/log').origin).toBe(
      'example.com/log',
    );
  });

  it('does not hold for another entry, key or log', async () => {
    const other = localSigner('example.com/log', generateKeyPairSync('ed25519').privateKey).verifier;
    expect(await codeOf(() => verifyTlogProof(file, entries[322]!, keys))).toBe('PROOF_INVALID');
    expect(await codeOf(() => verifyTlogProof(file, entries[321]!, [other]))).toBe('SIGNATURE_MISSING');
    expect(await codeOf(() => verifyTlogProof(file, entries[321]!, keys, 'example.com/2'))).toBe('ORIGIN_MISMATCH');
    const last = parseTlogProof(file);
    expect(await codeOf(() => verifyTlogProof({ ...last, index: 1_000 }, entries[321]!, keys))).toBe('OUT_OF_RANGE');
    const short = { ...last, hashes: last.hashes.slice(1) };
    expect(await codeOf(() => verifyTlogProof(short, entries[321]!, keys))).toBe('PROOF_MALFORMED');
  });

  it('is refused with any byte of it altered', async () => {
    const codes = new Set<string>();
    for (let at = 0; at < file.length; at++) {
      codes.add(await codeOf(() => verifyTlogProof(flipped(file, at), entries[321]!, keys)));
    }
    expect(codes.has('PROOF_INVALID') && codes.has('SIGNATURE_INVALID')).toBe(true);
  });
});

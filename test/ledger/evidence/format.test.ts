import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalize } from '../../../lib/event/canonical';
import { formatTlogProof, parseTlogProof } from '../../../lib/ledger';
import { formatEvidence, parseEvidence, type Evidence } from '../../../lib/ledger/evidence';
import { EvidenceWorld, newSigner, refusalOf, sealedEvents } from './support';

let evidence: Evidence;
let extra: Record<string, unknown>;

beforeAll(async () => {
  evidence = await (await EvidenceWorld.create([sealedEvents(3), sealedEvents(2)], newSigner())).evidence(0, 1);
  extra = JSON.parse(String(parseTlogProof(formatEvidence(evidence)).extra)) as Record<string, unknown>;
});

/** The refusal of a file with this as its `extra`. */
function refused(text: string | Uint8Array | undefined): string {
  const { index, hashes, checkpoint } = parseTlogProof(formatEvidence(evidence));
  const file = formatTlogProof({ index, hashes, checkpoint, ...(text !== undefined && { extra: Buffer.from(text) }) });
  return refusalOf(() => parseEvidence(file));
}

const withField = (changes: object) => canonicalize({ ...extra, ...changes });

describe('the file of evidence', () => {
  it('is a tlog-proof of the object’s leaf, with the rest as canonical JSON', () => {
    const file = formatEvidence(evidence);
    const { index, hashes, checkpoint } = parseTlogProof(file);
    expect({ index, hashes, checkpoint }).toEqual({
      index: 0,
      hashes: evidence.leafProof,
      checkpoint: evidence.checkpoint,
    });
    expect(extra).toEqual({
      event: evidence.event,
      event_index: 1,
      event_proof: evidence.eventProof.map((hash) => Buffer.from(hash).toString('base64')),
      leaf: {
        v: 1,
        key: evidence.leaf.key,
        version_id: evidence.leaf.versionId,
        size: evidence.leaf.size,
        sha256: evidence.leaf.sha256,
        events: evidence.leaf.events,
      },
      v: 1,
    });
  });

  it('is the same each time', () => {
    expect(formatEvidence({ ...evidence })).toEqual(formatEvidence(evidence));
  });

  it.each<[string, () => string | Uint8Array | undefined, string]>([
    ['no extra data', () => undefined, 'EVIDENCE_MALFORMED'],
    ['extra data of another kind', () => 'hello', 'EVIDENCE_MALFORMED'],
    ['extra data that are not UTF-8', () => Buffer.from([0x7b, 0xff, 0x7d]), 'EVIDENCE_MALFORMED'],
    ['a list', () => '[]', 'EVIDENCE_MALFORMED'],
    ['nothing in it', () => '{}', 'EVIDENCE_MALFORMED'],
    ['a byte order mark', () => `\ufeff${withField({})}`, 'EVIDENCE_MALFORMED'],
    ['white space', () => `${withField({})} `, 'EVIDENCE_MALFORMED'],
    ['another order', () => JSON.stringify({ v: 1, ...extra }), 'EVIDENCE_MALFORMED'],
    ['another spelling of a character', () => withField({}).replace('alice', '\\u0061lice'), 'EVIDENCE_MALFORMED'],
    ['a key that is there twice', () => withField({}).replace('{', '{"event":{},'), 'EVIDENCE_MALFORMED'],
    ['a further field', () => withField({ note: 'trust me' }), 'EVIDENCE_MALFORMED'],
    ['a field of no name that counts', () => withField({}).replace('{', '{"__proto__":{},'), 'EVIDENCE_MALFORMED'],
    ['a null', () => withField({}).replace('"event":{', '"event":{"a":null,'), 'EVIDENCE_MALFORMED'],
    ['a number that none is', () => withField({}).replace('"event_index":1', '"event_index":1e999'), 'EVIDENCE_MALFORMED'],
    ['an event that is none', () => withField({ event: 'x' }), 'EVIDENCE_MALFORMED'],
    ['an event without end', () => withField({}).replace('"event":{', `"event":{"a":${'['.repeat(5e4)}${']'.repeat(5e4)},`), 'EVIDENCE_MALFORMED'],
    ['a negative place', () => withField({ event_index: -1 }), 'EVIDENCE_MALFORMED'],
    ['a place that is text', () => withField({ event_index: '1' }), 'EVIDENCE_MALFORMED'],
    ['a proof that is none', () => withField({ event_proof: 'x' }), 'EVIDENCE_MALFORMED'],
    ['a hash that is short', () => withField({ event_proof: ['AAAA'] }), 'EVIDENCE_MALFORMED'],
    ['a hash in other base64', () => withField({ event_proof: [`${'A'.repeat(42)}B=`] }), 'EVIDENCE_MALFORMED'],
    ['no version', () => withField({ v: undefined }), 'EVIDENCE_MALFORMED'],
    ['a version that is text', () => withField({ v: '1' }), 'EVIDENCE_MALFORMED'],
    ['a later version', () => withField({ v: 2 }), 'EVIDENCE_VERSION_UNKNOWN'],
    ['no leaf', () => withField({ leaf: undefined }), 'EVIDENCE_MALFORMED'],
    ['a leaf that is none', () => withField({ leaf: { v: 1 } }), 'LEAF_MALFORMED'],
    ['a further field in the leaf', () => withField({ leaf: { ...(extra.leaf as object), a: 1 } }), 'LEAF_MALFORMED'],
    ['a leaf of a later version', () => withField({ leaf: { ...(extra.leaf as object), v: 2 } }), 'LEAF_VERSION_UNKNOWN'],
  ])('is refused with %s', (_, text, code) => {
    expect(refused(text())).toBe(`file ${code}`);
  }); // prettier-ignore

  it('is refused where it is no tlog-proof', () => {
    const file = formatEvidence(evidence);
    for (const bytes of [Buffer.alloc(0), file.subarray(1), Buffer.from('{}'), Buffer.concat([file.subarray(0, 23), file])]) {
      expect(refusalOf(() => parseEvidence(bytes))).toBe('file PROOF_MALFORMED');
    } // prettier-ignore
  });
});

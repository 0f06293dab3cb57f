import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Chain, type EventDraft, type SealedEvent } from '../../lib/event/chain';
import type { Field, StructField } from '../../lib/event/field';
import { auditEventSchema } from '../../lib/event/schema';

/**
 * Random event drafts, derived from the schema itself, so that a field that is added is tested from its first day.
 *
 * Values are of the declared types and otherwise as hostile as a caller can make them. Required fields are there;
 * what may be absent is absent, undefined, empty or full.
 *
 * @param hostile whether required texts may be empty, so that cleaning removes them. Default: true.
 */
export function randomDraft({ hostile = true } = {}): fc.Arbitrary<EventDraft> {
  return structOf(auditEventSchema, hostile).map(
    (draft) =>
      ({
        ...draft,
        // The chain adds attestations and names what is unconfirmed; two events never share a uid.
        attestation_list: undefined,
        unmapped: { ...(draft.unmapped as object), unconfirmed: undefined },
        metadata: { ...(draft.metadata as object), uid: randomUUID(), sequence: undefined },
        time: draft.time,
      }) as unknown as EventDraft,
  );
}

/** Random events, sealed one after the other in chains of at most `chainLength`; some name unconfirmed predecessors. */
export function sealRandom(drafts: readonly EventDraft[], chainLength = 50): SealedEvent[] {
  let chain = new Chain(randomUUID());
  return drafts.map((draft, i) => {
    if (i % chainLength === 0) chain = new Chain(randomUUID());
    const sealed = chain.seal(draft);
    if (i % 7 === 0) chain.noteUnconfirmed(sealed);
    return sealed;
  });
}

type Struct = Record<string, unknown>;

function structOf(fields: StructField['fields'], hostile: boolean): fc.Arbitrary<Struct> {
  const members = Object.entries(fields).map(([name, field]) => [name, member(field, hostile)] as const);
  return fc.record(Object.fromEntries(members));
}

/** Absence is drawn per field, and kept so frequent that deep structs come in every combination. */
function member(field: Field, hostile: boolean): fc.Arbitrary<unknown> {
  const full = valueOf(field, hostile);
  if (field.required) return full;
  return fc.oneof(
    { weight: 5, arbitrary: full },
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...emptiesOf(field)) },
  );
}

/** What counts as absent besides undefined. */
function emptiesOf(field: Field): readonly unknown[] {
  switch (field.kind) {
    case 'string':
      return ['', null];
    case 'list':
      return [[], null];
    case 'struct':
      return [{}, null];
    default:
      return [null];
  }
}

function valueOf(field: Field, hostile: boolean): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'string':
      return field.values ? fc.constantFrom(...field.values) : text(hostile);
    case 'integer':
      return field.captions ? fc.constantFrom(...Object.keys(field.captions).map(Number)) : INTEGER;
    case 'boolean':
      return fc.boolean();
    case 'list':
      return fc.array(valueOf(field.element, hostile), { minLength: hostile ? 0 : 1, maxLength: 3 });
    case 'struct':
      return structOf(field.fields, hostile);
  }
}

const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number;

const INTEGER = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32, MAX_SAFE_INTEGER, MIN_SAFE_INTEGER),
  fc.integer(),
  fc.maxSafeInteger(),
);

/** Texts that have broken a JSON writer, a Parquet reader, a line-based tool or an SQL expression somewhere. */
const HOSTILE_TEXTS = [
  '\\',
  '"',
  '\\"',
  '\\\\"\\',
  "'; DROP TABLE audit_events; --",
  '","who":"admin',
  '\u0001,\u0001uid\u0001:\u0001admin\u0001',
  '\u0000',
  'a\u0000b',
  '\ufeffbyte order mark',
  'in\ufeffside',
  '\ud800',
  'half \udc00 pair',
  '\udc00\ud800',
  '😀 👩‍👩‍👧‍👦 🏳️‍🌈',
  'e\u0301 \u00e9',
  '\u202eright to left',
  '\u2028\u2029\u0085',
  '\r\n\t\b\f\v\u001b[31m',
  '\u007f\u0080\u009f',
  '\uffff\ufffe\ufffd',
  '𐏿\u{10ffff}',
  'null',
  'NULL',
  '{}',
  '[]',
  'true',
  '0',
  '1.0',
  ' ',
  '\u00a0 padded \u3000',
  '%00%0A',
  '${jndi:ldap://x}',
  '/* Presto View: */',
] as const;

function text(hostile: boolean): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 160, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
    { weight: 160, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
    { weight: 80, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }) },
    // UTF-16 code units of any kind, so that pairs, halves and controls come side by side.
    { weight: 80, arbitrary: CODE_UNITS },
    // Around a page of a Parquet reader and beyond the longest declared text.
    { weight: 1, arbitrary: fc.constantFrom('x'.repeat(10_240), '😀'.repeat(6_000), '"\\'.repeat(9_000)) },
    ...(hostile ? [{ weight: 20, arbitrary: fc.constant('') }] : []),
  );
}

const CODE_UNITS = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((units) => String.fromCharCode(...units));

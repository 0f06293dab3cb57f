import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { glueType } from '../../lib/event/glue';
import { leaves } from '../../lib/event/leaves';

/**
 * The log outlives every version of this code, and its columns lie in locked files: they are append-only for ever.
 * `schema.snapshot.json` holds every column that was ever released: path, type, and place within its struct. The place
 * matters, since files that were written by position hold new fields behind the old ones.
 *
 * New columns are added to it by UPDATE_SCHEMA_SNAPSHOT=1 npx vitest run test/event/schema.test.ts, which never removes
 * or changes one.
 */
const FILE = path.join(__dirname, 'schema.snapshot.json');
type Snapshot = Readonly<Record<string, string>>;

const declared: Snapshot = Object.fromEntries(leaves().map(({ path, field }) => [path, glueType(field)]));

if (process.env.UPDATE_SCHEMA_SNAPSHOT === '1') {
  // The promised ones first: their order is promised as well.
  const promised = readSnapshot();
  writeFileSync(FILE, JSON.stringify({ ...promised, ...declared, ...promised }, null, 2) + '\n');
}

describe('the columns of the schema', () => {
  it('are all those that ever were, with the types they had', () => {
    expect(brokenPromises(readSnapshot(), declared)).toEqual([]);
  });

  it('stand in the order in which they were released, new ones last within their struct', () => {
    expect(movedColumns(Object.keys(readSnapshot()), Object.keys(declared))).toEqual([]);
  });

  it('are all promised', () => {
    const promised = readSnapshot();
    const unknown = Object.keys(declared).filter((path) => !Object.hasOwn(promised, path));
    expect(
      unknown,
      'new columns: they can never be taken back. If they are right, run ' +
        '`UPDATE_SCHEMA_SNAPSHOT=1 npx vitest run test/event/schema.test.ts` and commit test/event/schema.snapshot.json',
    ).toEqual([]);
  });
});

describe('the check of the promise', () => {
  it('sees a column that was removed, one that was retyped, and one that became a list', () => {
    expect(
      brokenPromises(
        { a: 'string', b: 'bigint', 'c.d': 'string', e: 'string' },
        { b: 'string', 'c.d[]': 'string', e: 'string' },
      ),
    ).toEqual([
      'column a was removed: files in the log hold it, so it must stay declared',
      'column b was retyped from bigint to string: files in the log hold the old type; add another column instead',
      'column c.d was removed: files in the log hold it, so it must stay declared',
    ]);
  });
});

describe('the check of the order', () => {
  it('sees fields that changed places, and a new one that is not the last of its struct', () => {
    expect(movedColumns(['a', 'b.c', 'b.d', 'e[].f'], ['a', 'b.d', 'b.c', 'e[].f'])).toEqual([
      'the fields of b must begin with c, d, as released; declared: d, c',
    ]);
    expect(movedColumns(['a', 'b.c', 'b.d', 'e[].f'], ['a', 'b.c', 'b.d', 'e[].new', 'e[].f'])).toEqual([
      'the fields of e[] must begin with f, as released; declared: new',
    ]);
    expect(movedColumns(['a', 'b.c'], ['b.c', 'a'])).toEqual([
      'the fields of the event must begin with a, b, as released; declared: b, a',
    ]);
    expect(movedColumns(['a', 'b.c', 'e[].f'], ['a', 'b.c', 'b.new.er', 'e[].f', 'e[].new', 'z'])).toEqual([]);
  });
});

/** What struct has other fields first than those it was released with, in that order. */
function movedColumns(promised: readonly string[], declared: readonly string[]): string[] {
  const now = fieldsOfStructs(declared);
  return [...fieldsOfStructs(promised)].flatMap(([struct, fields]) => {
    const first = [...(now.get(struct) ?? [])].slice(0, fields.size);
    const released = [...fields];
    return first.join() === released.join()
      ? []
      : [
          `the fields of ${struct || 'the event'} must begin with ${released.join(', ')}, as released; ` +
            `declared: ${first.join(', ')}`,
        ];
  });
}

/** The names in each struct, in their order; the event itself is the struct with the empty path. */
function fieldsOfStructs(paths: readonly string[]): Map<string, Set<string>> {
  const structs = new Map<string, Set<string>>();
  for (const path of paths) {
    const steps = path.split('.');
    steps.forEach((step, at) => {
      const struct = steps.slice(0, at).join('.');
      // `[]` stays with the struct, so that a list of structs and its elements are one.
      structs.set(struct, (structs.get(struct) ?? new Set()).add(step.replace(/(\[\])+$/, '')));
    });
  }
  return structs;
}

function brokenPromises(promised: Snapshot, declared: Snapshot): string[] {
  return Object.entries(promised).flatMap(([path, type]) => {
    const now = declared[path];
    if (now === type) return [];
    return now === undefined
      ? [`column ${path} was removed: files in the log hold it, so it must stay declared`]
      : [
          `column ${path} was retyped from ${type} to ${now}: files in the log hold the old type; add another column instead`,
        ];
  });
}

function readSnapshot(): Snapshot {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Snapshot;
}

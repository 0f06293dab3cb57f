import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { glueType } from '../../lib/event/glue';
import { leaves } from '../../lib/event/leaves';

/**
 * The log outlives every version of this code, and its columns lie in locked files: they are append-only for ever.
 * `schema.snapshot.json` holds every column that was ever released, path and type.
 *
 * New columns are added to it by UPDATE_SCHEMA_SNAPSHOT=1 npx vitest run test/event/schema.test.ts, which never removes
 * or changes one.
 */
const FILE = path.join(__dirname, 'schema.snapshot.json');
type Snapshot = Readonly<Record<string, string>>;

const declared: Snapshot = Object.fromEntries(leaves().map(({ path, field }) => [path, glueType(field)]));

if (process.env.UPDATE_SCHEMA_SNAPSHOT === '1') {
  writeFileSync(FILE, JSON.stringify({ ...declared, ...readSnapshot() }, null, 2) + '\n');
}

describe('the columns of the schema', () => {
  it('are all those that ever were, with the types they had', () => {
    expect(brokenPromises(readSnapshot(), declared)).toEqual([]);
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

import { TrinoSQL } from 'dt-sql-parser';
import { describe, expect, it } from 'vitest';
import type { Field } from '../../../lib/event/field';
import { auditEventStruct } from '../../../lib/event/schema';
import { allEventsSql } from '../../../lib/event/sql/all-events';
import { canonicalSql, fingerprintSql } from '../../../lib/event/sql/canonical';
import { athena } from '../../../lib/event/sql/dialect';
import { flatViewSql } from '../../../lib/event/sql/flat-view';
import { verifySql, verifyTotalsSql } from '../../../lib/event/sql/verify';

const TABLE = '"audit"."audit_events_raw"';
const statements = {
  fingerprint: `SELECT ${fingerprintSql(athena)} FROM ${TABLE}`,
  'the flat view': flatViewSql(athena, TABLE),
  'the flat view over two tables': flatViewSql(athena, allEventsSql([TABLE, '"audit"."audit_events_fallback_raw"'])),
  verify: verifySql(athena, TABLE),
  'verify totals': verifyTotalsSql(athena, TABLE),
};

/** https://docs.aws.amazon.com/athena/latest/ug/service-limits.html */
const ATHENA_STATEMENT_BYTES = 262_144;

describe.each(Object.entries(statements))('the Athena statement of %s', (_, sql) => {
  it('is valid Trino SQL', () => {
    expect(new TrinoSQL().validate(sql)).toEqual([]);
  });

  it('leaves more than half of Athena’s limit to a schema that grows', () => {
    expect(Buffer.byteLength(sql)).toBeLessThan(ATHENA_STATEMENT_BYTES / 2);
  });
});

it('the parser refuses what is wrong', () => {
  expect(new TrinoSQL().validate(statements.verify.replace('"linked"', 'AS'))).not.toEqual([]);
});

describe('the Athena form of the canonical text', () => {
  it('stays below the 254 values that one concat of Trino takes', () => {
    expect(Math.max(...structSizes(auditEventStruct))).toBeLessThan(250);
  });

  it('gives each struct a lambda, hence a Java method, of its own', () => {
    const structs = structSizes(auditEventStruct).length - 1 - fingerprintsLeftOut;
    expect(canonicalSql(athena).match(/ -> /g)?.length).toBe(structs + scalarLists(auditEventStruct));
  });

  it('never asks whether a row is NULL, which Trino answers unlike others', () => {
    expect(canonicalSql(athena)).not.toMatch(/IS (NOT )?NULL/i);
  });
});

/** The fingerprint struct of the attestation. */
const fingerprintsLeftOut = 1;

function structSizes(field: Field): number[] {
  if (field.kind === 'list') return structSizes(field.element);
  if (field.kind !== 'struct') return [];
  const members = Object.values(field.fields);
  return [members.length, ...members.flatMap(structSizes)];
}

function scalarLists(field: Field): number {
  if (field.kind === 'struct') return Object.values(field.fields).reduce((sum, member) => sum + scalarLists(member), 0);
  if (field.kind !== 'list') return 0;
  return field.element.kind === 'struct' ? scalarLists(field.element) : 1;
}

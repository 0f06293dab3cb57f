import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { toParquet } from '../../bin/local/delivery/parquet';
import { canonicalize } from '../../lib/event/canonical';
import type { SealedEvent } from '../../lib/event/chain';
import { duckdbReadJsonColumns } from '../../lib/event/duckdb';
import { fingerprintOf } from '../../lib/event/fingerprint';
import { eventFromRow } from '../../lib/event/row';
import { canonicalSql, fingerprintSql } from '../../lib/event/sql/canonical';
import { column, duckdb, literal } from '../../lib/event/sql/dialect';
import { verifySql } from '../../lib/event/sql/verify';
import { EventTable } from '../support/event-table';
import { randomDraft, sealRandom } from '../support/random-event';
import { SEED } from '../support/seed';

const RUNS = Number(process.env['AUDIT_PROXY_RANDOM_EVENTS'] ?? 3_000);

// About 12 s on two idle cores; the limits are for busy ones.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe(`${RUNS} random events through JSON and Parquet (AUDIT_PROXY_SEED=${SEED})`, () => {
  let table: EventTable;
  let events: SealedEvent[];
  const files: { [writer: string]: string } = {};

  beforeAll(async () => {
    table = await EventTable.create();
    events = sealRandom(fc.sample(randomDraft(), RUNS));
    // What a sink gets is the line, so that is what the way starts from.
    const lines = events.map(({ line }) => line).join('\n');
    const json = table.write('events.json', lines);

    const parsed = events.map(({ line }) => JSON.parse(line) as Record<string, unknown>);
    files['the delivery stream, as Hive'] = table.write('hive.parquet', toParquet(parsed));

    files['DuckDB'] = `${table.folder}/duckdb.parquet`;
    await table.connection.run(
      `COPY (SELECT * FROM read_json(${literal(json)}, format = 'newline_delimited', columns = ${duckdbReadJsonColumns()}))
       TO ${literal(files['DuckDB'])} (FORMAT parquet)`,
    );
  });
  afterAll(() => table.close());

  it('seals events of many shapes', () => {
    const shapes = new Set(events.map(({ event }) => shapeOf(event)));
    expect(shapes.size).toBeGreaterThan(RUNS * 0.9);
    expect(new Set(events.map(({ fingerprint }) => fingerprint)).size).toBe(RUNS);
  });

  describe.each(['the delivery stream, as Hive', 'DuckDB'])('in a file written by %s', (writer) => {
    it('come back with their fingerprint, read in JavaScript', async () => {
      const rows = await parquetReadObjects({ file: bytesOf(files[writer]!) });
      expect(rows).toHaveLength(RUNS);
      const wrong = rows.flatMap((row, i) => {
        const event = eventFromRow(row);
        return fingerprintOf(event) === events[i]!.fingerprint ? [] : [{ got: event, sealed: events[i]!.event }];
      });
      expect(wrong[0]).toBeUndefined();
    });

    it('come back with their fingerprint, recomputed by the engine', async () => {
      const from = `FROM read_parquet(${literal(files[writer]!)})`;
      const [wrong] = await table.query(
        `SELECT ${column('metadata.uid')} AS uid ${from}
         WHERE attestation_list[1].fingerprint.value IS DISTINCT FROM ${fingerprintSql(duckdb)} LIMIT 1`,
      );
      if (wrong === undefined) return;
      const [row] = await table.query(
        `SELECT ${canonicalSql(duckdb)} AS canonical ${from} WHERE ${column('metadata.uid')} = ${literal(String(wrong.uid))}`,
      );
      expect(row!.canonical).toBe(canonicalOf(events.find(({ uid }) => uid === wrong.uid)!));
      expect.unreachable('the same text with another hash');
    });

    it('hold whole chains', async () => {
      const raw = `(SELECT *, '2026-11-24' AS dt, '07' AS hour FROM read_parquet(${literal(files[writer]!)}))`;
      expect(await table.query(verifySql(duckdb, raw))).toEqual([]);
    });
  });
});

/** The text under the fingerprint. */
function canonicalOf({ event }: SealedEvent): string {
  const attestation_list = event.attestation_list.map((attestation) => ({ ...attestation, fingerprint: undefined }));
  return canonicalize({ ...event, attestation_list });
}

/** Names of all fields that an event has. */
function shapeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, part]) => `${name}(${shapeOf(part)})`)
    .join();
}

function bytesOf(file: string): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { objectKey, objectsOf, type DeliveryObject } from '../../../bin/local/delivery/objects';
import type { StreamRecord } from '../../../bin/local/delivery/segment';
import { restRecord } from '../../support/edge-record';
import { ARRIVAL, event, record } from './support';

const HOUR = 3_600_000;

function keysOf(objects: readonly DeliveryObject[]): string[] {
  return objects.map((object, ordinal) => objectKey('segment', ordinal, object));
}

async function uidsOf({ bytes }: DeliveryObject): Promise<string[]> {
  const rows = await parquetReadObjects({ file: bytes.buffer });
  return rows.map((row) => (row.metadata as { uid: string }).uid);
}

function errorsOf({ bytes }: DeliveryObject): Record<string, unknown>[] {
  const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}';

describe('the objects of a segment', () => {
  it('are named in Firehose’s style, by the event’s time and the record’s arrival', () => {
    const [key] = keysOf(objectsOf('segment', [record(event('a', ARRIVAL - 5 * HOUR))]));
    expect(key).toMatch(
      new RegExp(`^events/dt=2026-11-24/hour=02/audit-events-1-2026-11-24-07-30-00-${UUID}\\.parquet$`),
    );
  });

  it('hold one partition and stream each, in order of arrival', async () => {
    const objects = objectsOf('segment', [
      record(event('a')),
      record(event('b', ARRIVAL + HOUR)),
      record(event('c')),
      record(event('d'), 'audit-events-2'),
    ]);
    expect(keysOf(objects).map((key) => key.replace(/-1-2026.*/, ''))).toEqual([
      'events/dt=2026-11-24/hour=07/audit-events',
      'events/dt=2026-11-24/hour=08/audit-events',
      'events/dt=2026-11-24/hour=07/audit-events-2',
    ]);
    expect(await Promise.all(objects.map(uidsOf))).toEqual([['a', 'c'], ['b'], ['d']]);
  });

  it('are the same each time, so that a second delivery ends at the same keys and bytes', () => {
    const records = [record(event('a')), record('not json'), record({ time: ARRIVAL, class_uid: 'x' })];
    const [first, second] = [objectsOf('segment', records), objectsOf('segment', records)];
    expect(first).toHaveLength(3);
    expect(second).toEqual(first);
    expect(keysOf(second)).toEqual(keysOf(first));
    expect(new Set(first.map((object, i) => objectKey('other segment', i, object)))).not.toContain(keysOf(first)[0]);
    expect(objectKey('segment', 0, first[0]!, 1)).not.toBe(keysOf(first)[0]);
  });

  it('are cut after a number of rows, and lose none', async () => {
    const uids = Array.from({ length: 25 }, (_, i) => `e${i}`);
    const objects = objectsOf(
      'segment',
      uids.map((uid) => record(event(uid))),
      { rows: 10, activePartitions: 500 },
    );
    expect((await Promise.all(objects.map(uidsOf))).map(({ length }) => length)).toEqual([10, 10, 5]);
    expect((await Promise.all(objects.map(uidsOf))).flat()).toEqual(uids);
    expect(new Set(keysOf(objects)).size).toBe(3);
  });

  it('put what does not convert under the error prefix, raw, and only that', async () => {
    const bad = record({ time: ARRIVAL, class_uid: 'x' }, 'audit-events', ARRIVAL + 1);
    const objects = objectsOf('segment', [record(event('a')), bad, record(event('b'))]);
    expect(await uidsOf(objects[0]!)).toEqual(['a', 'b']);
    expect(keysOf(objects)[1]).toMatch(
      new RegExp(`^errors/format-conversion-failed/dt=2026-11-24/hour=07/audit-events-1-2026-11-24-07-30-00-${UUID}$`),
    );
    expect(errorsOf(objects[1]!)).toEqual([
      {
        attemptsMade: 1,
        arrivalTimestamp: ARRIVAL + 1,
        lastErrorCode: 'DataFormatConversion.MalformedData',
        lastErrorMessage: 'Data does not match the schema. For input string: "x"',
        attemptEndingTimestamp: ARRIVAL,
        rawData: bad.data.toString('base64'),
        sequenceNumber: 'segment-1',
        subSequenceNumber: null,
        dataCatalogTable: {
          catalogId: '000000000000',
          databaseName: 'local',
          tableName: 'audit_events_raw',
          region: 'local',
          versionId: 'LATEST',
        },
      },
    ]);
  });

  it('put what has no partition under the error prefix', () => {
    const hostile = Buffer.from([0xff, 0x00, 0x22]);
    const records: StreamRecord[] = [{ ...record(''), data: hostile }, record({ metadata: { uid: 'no time' } })];
    const [object, ...others] = objectsOf('segment', records);
    expect(others).toEqual([]);
    expect(object!.stem).toMatch(/^errors\/metadata-extraction-failed\/dt=2026-11-24\/hour=07\//);
    expect(errorsOf(object!)).toMatchObject([
      {
        errorCode: 'DynamicPartitioning.MetadataExtractionFailed',
        errorMessage: 'Non JSON record provided. Invalid UTF-8',
        rawData: hostile.toString('base64'),
      },
      { errorMessage: 'partitionKeys values must not be null or empty' },
    ]);
  });

  it('have only so many partitions a stream; what goes beyond is an error', () => {
    const records = [0, 1, 2, 3, 0].map((hours, i) => record(event(`e${i}`, ARRIVAL + hours * HOUR)));
    records.push(record(event('other stream', ARRIVAL + 9 * HOUR), 'audit-events-2'));
    const objects = objectsOf('segment', records, { rows: 10, activePartitions: 2 });
    const errors = objects.filter(({ extension }) => extension === '');
    expect(objects.length - errors.length).toBe(3);
    expect(errors.flatMap(errorsOf)).toMatchObject(
      [records[2]!, records[3]!].map(({ data }) => ({
        errorCode: 'DynamicPartitioning.ActivePartitionsLimitExceeded',
        rawData: data.toString('base64'),
      })),
    );
    expect(errors[0]!.stem).toMatch(/^errors\/active-partitions-limit-exceeded\//);
  });
});

describe('the objects of the edge log', () => {
  const EDGE = 'amazon-apigateway-edge';

  it('lie under edge/ by the request’s time, with the columns of the edge record', async () => {
    const records = [
      record(restRecord(1), EDGE),
      record(event('a')),
      record(restRecord(2, { request_time_epoch: String(ARRIVAL) }), EDGE),
    ];
    const objects = objectsOf('segment', records);
    expect(keysOf(objects).map((key) => key.replace(/-1-2026.*/, ''))).toEqual([
      'edge/dt=2026-11-24/hour=07/amazon-apigateway-edge',
      'events/dt=2026-11-24/hour=07/audit-events',
    ]);
    const rows = await parquetReadObjects({ file: objects[0]!.bytes.buffer });
    expect(rows).toEqual([restRecord(1), restRecord(2, { request_time_epoch: String(ARRIVAL) })]);
  });

  it('have NULL where an HTTP API has no such field, and drop what is not declared', async () => {
    const { waf_status: _, ...fields } = restRecord(1);
    const [object] = objectsOf('segment', [record({ ...fields, apiKey: 'secret' }, EDGE)]);
    expect(await parquetReadObjects({ file: object!.bytes.buffer })).toEqual([{ ...fields, waf_status: null }]);
  });

  it('go to the error prefix where a record has no time or is no record', () => {
    const noTime = record(restRecord(1, { request_time_epoch: '-' }), EDGE);
    const [object, ...others] = objectsOf('segment', [noTime, record('{"path":"a "quote""}', EDGE)]);
    expect(others).toEqual([]);
    expect(object!.stem).toMatch(
      /^errors\/edge\/metadata-extraction-failed\/dt=2026-11-24\/hour=07\/amazon-apigateway-edge-/,
    );
    expect(errorsOf(object!)).toHaveLength(2);
    expect(errorsOf(object!)[0]).toMatchObject({ rawData: noTime.data.toString('base64') });
  });

  it('name their own table in errors', () => {
    const [object] = objectsOf('segment', [
      record('[{"request_time_epoch":"1"}]', EDGE),
      record('{"request_time_epoch":"1","STATUS":"1","status":"2"}', EDGE),
    ]).slice(-1);
    expect(errorsOf(object!)[0]).toMatchObject({ dataCatalogTable: { tableName: 'edge_requests_raw' } });
  });
});

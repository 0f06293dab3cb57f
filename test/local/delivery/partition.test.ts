import { describe, expect, it } from 'vitest';
import { destinationOf } from '../../../bin/local/delivery/destination';
import { PartitioningError, partitionRecord } from '../../../bin/local/delivery/partition';

function partition(text: string, stream = 'audit-events') {
  return partitionRecord(Buffer.from(text), destinationOf(stream).partitionKey).partition;
}

describe('dynamic partitioning', () => {
  it.each([
    [Date.parse('2026-11-24T07:59:59.999Z'), '2026-11-24', '07'],
    [Date.parse('2026-11-24T08:00:00.000Z'), '2026-11-24', '08'],
    [Date.parse('2026-12-31T23:59:59.999Z'), '2026-12-31', '23'],
    [0, '1970-01-01', '00'],
    [-1, '1969-12-31', '23'],
    [Date.parse('2024-02-29T12:00:00Z') + 0.5, '2024-02-29', '12'],
  ])('puts time %d into dt=%s hour=%s, UTC', (time, dt, hour) => {
    expect(partition(JSON.stringify({ time }))).toEqual({ dt, hour });
  });

  it.each([
    ['{"a":1}', 'partitionKeys values must not be null or empty'],
    ['{"time":null}', 'partitionKeys values must not be null or empty'],
    // The expression sees the record as it came, before names are lower-cased.
    ['{"Time":1764000000000}', 'partitionKeys values must not be null or empty'],
    ['{"time":"1764000000000"}', 'time must be a number of milliseconds'],
    ['{"time":1e300}', 'time 1e300 is out of range'],
    ['{"time":253402300800000}', 'time 253402300800000 is out of range'],
    ['{"time":-62167219200001}', 'time -62167219200001 is out of range'],
    ['[{"time":1}]', 'partitionKeys values must not be null or empty'],
    ['{"time":1}{"time":2}', 'Non JSON record provided'],
    ['', 'Non JSON record provided'],
    ['not json', 'Non JSON record provided'],
  ])('finds no partition for %s', (text, message) => {
    expect(() => partition(text)).toThrow(PartitioningError);
    expect(() => partition(text)).toThrow(message);
  });
});

describe('dynamic partitioning of the edge log', () => {
  const edge = (text: string) => partition(text, 'amazon-apigateway-edge');
  const time = Date.parse('2026-11-24T07:59:59.999Z');

  it.each([`"${time}"`, String(time), `"${time}.5"`])('takes request_time_epoch %s', (value) => {
    expect(edge(`{"time":0,"request_time_epoch":${value}}`)).toEqual({ dt: '2026-11-24', hour: '07' });
  });

  it.each([
    [`{"time":${time}}`, 'partitionKeys values must not be null or empty'],
    ['{"request_time_epoch":"-"}', 'request_time_epoch must be a number of milliseconds'],
    ['{"request_time_epoch":""}', 'request_time_epoch must be a number of milliseconds'],
    ['{"request_time_epoch":"0x10"}', 'request_time_epoch must be a number of milliseconds'],
    ['{"request_time_epoch":"253402300800000"}', 'request_time_epoch 253402300800000 is out of range'],
  ])('finds no partition for %s', (text, message) => {
    expect(() => edge(text)).toThrow(PartitioningError);
    expect(() => edge(text)).toThrow(message);
  });
});

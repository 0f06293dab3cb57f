import { describe, expect, it } from 'vitest';
import { errorLine } from '../../../bin/local/delivery/error-record';
import { ConversionError } from '../../../bin/local/delivery/openx';
import { PartitioningError } from '../../../bin/local/delivery/partition';
import { readErrorRecord } from '../../../bin/recover/sources/error-records';
import { Chain } from '../../../lib/event/chain';
import { attempt } from '../../support/sample-event';
import { record } from '../../local/delivery/support';

const sealed = new Chain('chain-1').seal(attempt(0));
const base64 = (text: string) => Buffer.from(text).toString('base64');
const KEY = 'errors/format-conversion-failed/x';

describe('reading an error record', () => {
  it.each([
    ['conversion', new ConversionError('DataFormatConversion.ParseError', 'no table')],
    ['partitioning', new PartitioningError('DynamicPartitioning.ActivePartitionsLimitExceeded', 'too many')],
  ])('gives the event whose %s failed', (_, error) => {
    expect(readErrorRecord(errorLine(record(`${sealed.line}\n`), '1', error, 0), KEY)).toEqual(sealed);
    expect(readErrorRecord(errorLine(record(sealed.line), '1', error, 0), KEY)).toEqual(sealed);
  });

  it.each([
    ['lastErrorCode', { lastErrorCode: 'A.B', lastErrorMessage: 'why' }, 'A.B: why'],
    ['errorCode', { errorCode: 'A.B', errorMessage: 'why' }, 'A.B: why'],
    ['ErrorCode', { ErrorCode: 'A.B', ErrorMessage: 'why' }, 'A.B: why'],
    ['no code', {}, 'no error code'],
  ])('tells why Firehose could not deliver what is no event, by %s', (_, reason, told) => {
    expect(readErrorRecord(JSON.stringify({ ...reason, rawData: base64('{"requestId":"1"}\n') }), KEY)).toMatchObject({
      problem: 'no event',
      detail: expect.stringMatching(`^${told}; `) as string,
      from: KEY,
    });
  });

  it('tells an event that was changed from what never was one', () => {
    const changed = base64(sealed.line.replace('"alice"', '"mallory"'));
    expect(readErrorRecord(JSON.stringify({ errorCode: 'A', rawData: changed }), KEY)).toEqual({
      problem: 'broken',
      uid: sealed.uid,
      detail: 'A; its fingerprint is not that of its content',
      from: KEY,
    });
    const two = base64(`${sealed.line}\n${sealed.line}\n`);
    expect(readErrorRecord(JSON.stringify({ rawData: two }), KEY)).toMatchObject({ problem: 'no event' });
  });

  it.each(['', 'garbage', 'null', '[]', '{"rawData":7}', '{"lastErrorCode":"A"}'])('names the line %j', (line) => {
    expect(readErrorRecord(line, KEY)).toEqual({
      problem: 'no event',
      detail: 'the line is no error record of Firehose',
      from: KEY,
    });
  });
});

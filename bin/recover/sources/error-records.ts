import { readSealedEvent } from '../../../lib/event/read-sealed';
import type { Found, Unrecovered } from '../recovery';

/** Names under which Firehose says why it could not deliver a record; they differ by what failed. */
const CODES = ['lastErrorCode', 'errorCode', 'ErrorCode'];
const MESSAGES = ['lastErrorMessage', 'errorMessage', 'ErrorMessage'];

/**
 * Reads one line of an object under the error prefix: what Firehose got, in base64, and why it could not deliver it.
 *
 * @param from key of the object
 * @see https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html
 * @see https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
 */
export function readErrorRecord(line: string, from: string): Found {
  const record = parse(line);
  const data = record['rawData'];
  if (typeof data !== 'string') return { problem: 'no event', detail: 'the line is no error record of Firehose', from };
  try {
    return readSealedEvent(withoutLineEnd(Buffer.from(data, 'base64').toString('utf8')));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ...namesOf(data), detail: `${reasonOf(record)}; ${error.message}`, from };
  }
}

function withoutLineEnd(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

/** A record that names itself as an event was one once; everything else never was. */
function namesOf(data: string): Pick<Unrecovered, 'problem' | 'uid'> {
  const { metadata, attestation_list } = parse(Buffer.from(data, 'base64').toString('utf8'));
  const uid = typeof metadata === 'object' && metadata !== null ? (metadata as Fields)['uid'] : undefined;
  return typeof uid === 'string' && attestation_list !== undefined
    ? { problem: 'broken', uid }
    : { problem: 'no event' };
}

function reasonOf(record: Fields): string {
  const text = (names: readonly string[]) =>
    names.map((name) => record[name]).find((value) => typeof value === 'string');
  return [text(CODES) ?? 'no error code', text(MESSAGES)].filter((part) => part !== undefined).join(': ');
}

type Fields = Readonly<Record<string, unknown>>;

function parse(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
}

import { MAX_RECORD_BYTES } from '../../../lib/event/record';

/**
 * The part of the Firehose API that producers use, as AWS's SDKs speak it: JSON 1.1, POST /, the operation in
 * X-Amz-Target. Limits and messages are Firehose's.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/APIReference/Welcome.html
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */

/** Most records of one batch. */
export const MAX_BATCH_RECORDS = 500;
/** Most bytes of one batch, before base64. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Most bytes of a request's body: a full batch in base64, and room for the JSON around it. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** An error as the protocol answers it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

export type Request =
  | { readonly operation: 'PutRecord'; readonly stream: string; readonly data: Buffer }
  | { readonly operation: 'PutRecordBatch'; readonly stream: string; readonly records: readonly Buffer[] }
  | { readonly operation: 'DescribeDeliveryStream'; readonly stream: string };

const TARGET = 'Firehose_20150804.';

/**
 * Checks that a request is signed, and names the operation.
 *
 * The signature itself is not verified: the stand-in listens on the loopback interface only and knows no secret. A
 * client that forgot to sign is told so, since AWS would.
 *
 * @throws ApiError
 */
export function checkHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Request['operation'] {
  const authorization = headers['authorization'];
  if (typeof authorization !== 'string') {
    throw new ApiError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  if (!/^AWS4-HMAC-SHA256 .*Credential=.*SignedHeaders=.*Signature=/.test(authorization)) {
    throw new ApiError(403, 'IncompleteSignatureException', 'Authorization header is not a complete signature.');
  }
  const target = String(headers['x-amz-target'] ?? '');
  const operation = target.startsWith(TARGET) ? target.slice(TARGET.length) : '';
  const json = /^application\/x-amz-json-1\.1\b/.test(String(headers['content-type'] ?? ''));
  if (json && (operation === 'PutRecord' || operation === 'PutRecordBatch' || operation === 'DescribeDeliveryStream')) {
    return operation;
  }
  throw new ApiError(400, 'UnknownOperationException', `Unknown operation ${target}`);
}

/**
 * Reads the body of a request.
 *
 * @throws ApiError
 */
export function parseRequest(operation: Request['operation'], body: Buffer): Request {
  const input = parseObject(body);
  const stream = streamName(input['DeliveryStreamName']);
  switch (operation) {
    case 'PutRecord':
      return { operation, stream, data: recordData(input['Record'], 'record') };
    case 'PutRecordBatch':
      return { operation, stream, records: batchRecords(input['Records']) };
    case 'DescribeDeliveryStream':
      return { operation, stream };
  }
}

type Input = Readonly<Record<string, unknown>>;

function parseObject(body: Buffer): Input {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw serialization('The request is not JSON.');
  }
  if (!isObject(value)) throw serialization('Start of structure or map found where not expected.');
  return value;
}

function streamName(value: unknown): string {
  if (value === undefined || value === null) throw validation('null', 'deliveryStreamName', 'Member must not be null');
  if (typeof value !== 'string') throw serialization('DeliveryStreamName must be a string.');
  const shown = `'${value.slice(0, 100)}'`;
  if (value.length < 1) throw atLeastOne(shown, 'deliveryStreamName');
  if (value.length > 64) throw atMost(shown, 'deliveryStreamName', 64);
  if (!/^[a-zA-Z0-9_.-]+$/.test(value)) {
    const constraint = 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+';
    throw validation(shown, 'deliveryStreamName', constraint);
  }
  return value;
}

function batchRecords(value: unknown): Buffer[] {
  if (value === undefined || value === null) throw validation('null', 'records', 'Member must not be null');
  if (!Array.isArray(value)) throw serialization('Records must be a list.');
  if (value.length < 1) throw atLeastOne("'[]'", 'records');
  if (value.length > MAX_BATCH_RECORDS) throw atMost(`'[${value.length} records]'`, 'records', MAX_BATCH_RECORDS);
  const records = value.map((record, i) => recordData(record, `records.${i + 1}.member`));
  if (records.reduce((sum, { length }) => sum + length, 0) > MAX_BATCH_BYTES) {
    throw new ApiError(400, 'InvalidArgumentException', 'Records size exceeds 4 MB limit');
  }
  return records;
}

function recordData(record: unknown, at: string): Buffer {
  if (record === undefined || record === null) throw validation('null', at, 'Member must not be null');
  if (!isObject(record)) throw serialization(`${at} must be a structure.`);
  const base64 = record['Data'];
  if (base64 === undefined || base64 === null) throw validation('null', `${at}.data`, 'Member must not be null');
  // Buffer.from would skip what is not base64, and so store another record than was sent.
  if (typeof base64 !== 'string' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw serialization(`${at}.data is not base64.`);
  }
  const data = Buffer.from(base64, 'base64');
  if (data.length > MAX_RECORD_BYTES) {
    const shown = `'java.nio.HeapByteBuffer[pos=0 lim=${data.length} cap=${data.length}]'`;
    throw atMost(shown, `${at}.data`, MAX_RECORD_BYTES);
  }
  return data;
}

function isObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function atLeastOne(shown: string, at: string): ApiError {
  return validation(shown, at, 'Member must have length greater than or equal to 1');
}

function atMost(shown: string, at: string, limit: number): ApiError {
  return validation(shown, at, `Member must have length less than or equal to ${limit}`);
}

function validation(shown: string, at: string, constraint: string): ApiError {
  const message = `1 validation error detected: Value ${shown} at '${at}' failed to satisfy constraint: ${constraint}`;
  return new ApiError(400, 'ValidationException', message);
}

function serialization(message: string): ApiError {
  return new ApiError(400, 'SerializationException', message);
}

export function streamNotFound(stream: string): ApiError {
  return new ApiError(400, 'ResourceNotFoundException', `Firehose ${stream} not found under account 000000000000.`);
}

/** What Firehose says when a stream takes no more: the caller should try again, later or elsewhere. */
export function slowDown(): ApiError {
  return new ApiError(503, 'ServiceUnavailableException', 'Slow down.');
}

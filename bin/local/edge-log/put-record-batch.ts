import http from 'node:http';

/** Most records of one call, and most bytes of them; Firehose's limits. */
export const MAX_BATCH_RECORDS = 500;
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** How long one call may take, in milliseconds. */
const CALL_TIMEOUT_MS = 5_000;

const agent = new http.Agent({ keepAlive: true });

/**
 * One call of Firehose's PutRecordBatch to the local delivery stream.
 *
 * It is not signed: the stand-in looks that there is a signature and verifies none.
 *
 * @returns the records that were not taken.
 * @throws Error if the call failed; then nothing is known of any of them.
 * @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
 */
export async function putRecordBatch(port: number, stream: string, records: readonly Buffer[]): Promise<Buffer[]> {
  const body = JSON.stringify({
    DeliveryStreamName: stream,
    Records: records.map((record) => ({ Data: record.toString('base64') })),
  });
  const { status, text } = await post(port, body);
  if (status !== 200) throw new Error(`PutRecordBatch answered ${status}: ${text}`);
  const { FailedPutCount, RequestResponses } = JSON.parse(text) as BatchAnswer;
  return FailedPutCount === 0 ? [] : records.filter((_, i) => RequestResponses[i]?.ErrorCode !== undefined);
}

interface BatchAnswer {
  readonly FailedPutCount: number;
  readonly RequestResponses: readonly { readonly ErrorCode?: string }[];
}

function post(port: number, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      'Content-Type': 'application/x-amz-json-1.1',
      'Content-Length': Buffer.byteLength(body),
      'X-Amz-Target': 'Firehose_20150804.PutRecordBatch',
      Authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
    };
    const request = http.request({ host: '127.0.0.1', port, method: 'POST', path: '/', agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') });
      });
    });
    const timer = setTimeout(() => request.destroy(new Error(`no answer in ${CALL_TIMEOUT_MS} ms`)), CALL_TIMEOUT_MS);
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body);
  });
}

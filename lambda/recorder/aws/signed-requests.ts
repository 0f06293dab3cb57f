import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import { http, https } from './builtin-http';
import { NodeSha256 } from './node-sha256';

export interface SignedRequest {
  readonly method: string;
  /** Absolute; the path percent-encoded, without a query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** The first 64 KiB. */
  readonly body: Buffer;
}

export interface SignedRequestsOptions {
  /** Name of the service in signatures. */
  readonly service: 'firehose' | 's3' | 'secretsmanager' | 'ssm';
  readonly region: string;
  /** Asked for each request. */
  readonly credentials: () => AwsCredentialIdentity;
}

/** An agent each, so that connections stay open between invocations. */
const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Requests to an AWS service, signed by AWS's own signer (Signature Version 4) and sent over node:http. The whole SDK
 * client would do no more for the few calls that are made, but takes twice as long to load and four times the work for
 * each (see `npm run bench:sender`).
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export class SignedRequests {
  private readonly signer: SignatureV4;

  constructor({ service, region, credentials }: SignedRequestsOptions) {
    this.signer = new SignatureV4({
      service,
      region,
      credentials: async () => credentials(),
      sha256: NodeSha256,
      // S3 signs the path as it is sent, all others its encoded form.
      uriEscapePath: service !== 's3',
    });
  }

  /** @throws Error if no whole answer came; an AbortError once the signal is aborted */
  async send({ method, url, headers, body }: SignedRequest, signal: AbortSignal): Promise<ServiceAnswer> {
    const { protocol, hostname, port, pathname } = new URL(url);
    const signed = await this.signer.sign({
      method,
      protocol,
      hostname: unbracketed(hostname),
      ...(port === '' ? {} : { port: Number(port) }),
      path: pathname,
      headers: {
        ...headers,
        host: port === '' ? hostname : `${hostname}:${port}`,
        'content-length': String(body.length),
        'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
      },
      body,
    });
    return exchange(url, method, signed.headers, body, signal);
  }
}

function exchange(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: Buffer,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const secure = url.startsWith('https:');
  return new Promise((resolve, reject) => {
    const options = { method, headers, signal, agent: agents[secure ? 'https:' : 'http:'] };
    const outgoing = (secure ? https : http).request(url, options, (incoming) => {
      readAnswer(incoming).then(
        (read) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: read }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function readAnswer(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (length < MAX_ANSWER_BYTES) chunks.push(chunk.subarray(0, MAX_ANSWER_BYTES - length));
    length += chunk.length;
  }
  return Buffer.concat(chunks);
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

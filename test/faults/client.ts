import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Steps } from '../support/steps';
import { SERVICE_HEADER } from './service';

/** What a client saw of its request. */
export interface Seen {
  /** Step in which it had the whole answer, or gave up. */
  readonly step: number;
  /** Undefined if there was no whole answer: the client had gone, or the connection broke. */
  readonly status: number | undefined;
  /** Who answered. `nobody` where there was no answer. */
  readonly by: 'service' | 'proxy' | 'gateway' | 'nobody';
  /** Code of the proxy's problem, e.g. `unrecorded`. */
  readonly problem?: string;
  /** Whether the problem says that the service was called. */
  readonly forwarded?: boolean;
}

export interface ClientRequest {
  readonly method: string;
  readonly path: string;
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal;
}

const agent = new http.Agent({ keepAlive: true });

/** Sends one request and reads the answer to its end. Never rejects. */
export function send(url: string, { method, path, signal }: ClientRequest, steps: Steps): Promise<Seen> {
  return new Promise((resolve) => {
    const nobody = (): void => resolve({ step: steps.next(), status: undefined, by: 'nobody' });
    const request = http.request(url + path, { method, agent, ...(signal && { signal }) }, (response) => {
      buffer(response).then((body) => resolve({ step: steps.next(), ...whoAnswered(response, body) }), nobody);
    });
    request.on('error', nobody);
    request.end(method === 'POST' ? '{"tea":"oolong"}' : undefined);
  });
}

function whoAnswered({ statusCode, headers }: http.IncomingMessage, body: Buffer): Omit<Seen, 'step'> {
  if (headers[SERVICE_HEADER] !== undefined) return { status: statusCode, by: 'service' };
  if (!headers['content-type']?.startsWith('application/problem+json')) return { status: statusCode, by: 'gateway' };
  const { type, forwarded } = JSON.parse(body.toString()) as { type: string; forwarded?: boolean };
  return {
    status: statusCode,
    by: 'proxy',
    problem: type.replace('urn:cdk-audit-proxy:problem:', ''),
    forwarded: forwarded ?? false,
  };
}

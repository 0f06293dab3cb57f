import type http from 'node:http';
import { BadRequest, type Refusal } from './api';
import type { Header } from './client-request';
import { MAX_BODY_BYTES } from './limits';

/** Why a request is answered before anything was invoked. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(readonly refusal: Refusal) {
    super(refusal);
  }
}

/** The client went away before its request was complete; nobody is left to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** Header lines as they came. */
export function headerLines(request: http.IncomingMessage): Header[] {
  const raw = request.rawHeaders;
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? '', raw[2 * index + 1] ?? '']);
}

/**
 * Path and query of a request line's target: `/path?query`, or the same behind a scheme and host (RFC 9112 section 3.2).
 *
 * @throws BadRequest for any other form, and for characters that a URL cannot hold.
 */
export function splitTarget(target: string): { path: string; query: string } {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] ?? '';
  const rest = target.slice(origin.length);
  if (!(rest.startsWith('/') || (origin !== '' && (rest === '' || rest.startsWith('?'))))) {
    throw new BadRequest('the request target is not a path');
  }
  if (/[^\x21-\x7e]|["#<>\\^`]/.test(rest)) throw new BadRequest('the request target holds characters of no URL');
  const mark = rest.indexOf('?');
  const path = mark === -1 ? rest : rest.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark === -1 ? '' : rest.slice(mark + 1) };
}

/** Whether the client holds its body back until it is told to send it. A client of HTTP/1.0 knows no interim answers. */
export function waitsForContinue({ headers, httpVersion }: http.IncomingMessage): boolean {
  return httpVersion === '1.1' && /^100-continue$/i.test(headers.expect ?? '');
}

/** @throws Refused if the body is declared to be too large. */
export function checkDeclaredLength(request: http.IncomingMessage): void {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw new Refused('body_too_large');
}

/** Rejects with Refused if the body turns out to be too large, with ClientGone if it never comes to its end. */
export function readBody(request: http.IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length <= MAX_BODY_BYTES) {
        parts.push(part);
        return;
      }
      // The rest is read and dropped by the server once the answer is out: a client that is still sending must not get
      // a reset instead of the answer.
      parts.length = 0;
      reject(new Refused('body_too_large'));
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', () => reject(new ClientGone('the client went away')));
    request.on('close', () => reject(new ClientGone('the client went away')));
  });
}

import http from 'node:http';
import type { Duplex } from 'node:stream';
import { MalformedAnswer, type Answer } from './api';
import type { Header } from './client-request';

/** @throws MalformedAnswer for header lines that HTTP cannot carry. */
export function checkHeaders(headers: readonly Header[]): void {
  for (const [name, value] of headers) {
    try {
      http.validateHeaderName(name);
      http.validateHeaderValue(name, value);
    } catch {
      throw new MalformedAnswer(`header ${JSON.stringify(name)} is not one of HTTP`);
    }
  }
}

/** Writes an answer; a client that has gone is no error. */
export function writeAnswer(response: http.ServerResponse, answer: Answer, more: readonly Header[]): void {
  const mayHaveBody = answer.status !== 204 && answer.status !== 304;
  const headers = [...answer.headers, ...more];
  if (mayHaveBody) headers.push(['Content-Length', String(answer.body.length)]);
  response.writeHead(answer.status, headers.flat());
  response.end(mayHaveBody && response.req.method !== 'HEAD' ? answer.body : undefined);
}

/** How long a client that was answered may keep its side of a connection open, in milliseconds. */
const LINGER_MS = 2_000;

/**
 * Ends a connection with these bytes. What the client goes on sending is dropped: closing at once would reset the connection,
 * and the answer could be lost.
 */
export function endWith(bytes: Buffer, socket: Duplex): void {
  socket.resume();
  socket.end(bytes);
  const lingering = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(lingering));
}

/** An answer for what could not be parsed as HTTP, after which the connection is closed. */
export function rawAnswer(answer: Answer): Buffer {
  const lines = [
    `HTTP/1.1 ${answer.status} ${http.STATUS_CODES[answer.status]}`,
    ...answer.headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${answer.body.length}`,
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), answer.body]);
}

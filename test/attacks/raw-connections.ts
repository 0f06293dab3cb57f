import net from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';

/** What a client does on one connection. */
export interface RawConnection {
  readonly parts: readonly Buffer[];
  /** Milliseconds between the parts. */
  readonly pauseMs: number;
  /** What comes after the last part. `listen` waits for an answer, then leaves. */
  readonly end: 'reset' | 'half-close' | 'close' | 'listen';
}

const request = (line: string, headers: readonly string[] = [], body = ''): string =>
  [line, 'Host: api.example.com', ...headers, '', body].join('\r\n');

const number = fc.nat(999_999);
const get = number.map((n) => request(`GET /orders?n=${n} HTTP/1.1`));
const post = number.map((n) => request(`POST /orders?n=${n} HTTP/1.1`, ['Content-Length: 5'], 'hello'));

/** What a client may say, whole. */
const whole: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: get, weight: 4 },
  { arbitrary: post, weight: 2 },
  { arbitrary: fc.array(fc.oneof(get, post), { minLength: 2, maxLength: 5 }).map((all) => all.join('')), weight: 2 },
  { arbitrary: fc.constant(request('CONNECT orders.internal:443 HTTP/1.1')), weight: 3 },
  fc.constantFrom(
    request('CONNECT orders.internal:443 HTTP/1.1', [], '\x16\x03\x01\x02\x00\x01\x00'),
    request('GET /orders HTTP/1.1', ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']),
    request('GET /orders HTTP/1.1', [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABk',
    ]),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    request('POST /orders HTTP/1.1', ['Expect: 100-continue', 'Content-Length: 5']),
    request('POST /orders HTTP/1.1', ['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    request('POST /orders HTTP/1.1', ['Expect: the-unexpected', 'Content-Length: 5'], 'hello'),
    request('POST /orders HTTP/1.0', ['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    request('POST /orders HTTP/1.1', ['Content-Length: 500'], 'too short'),
    request('POST /orders HTTP/1.1', ['Content-Length: 99999999'], 'too long'),
    request('POST /orders HTTP/1.1', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'),
    request('POST /orders HTTP/1.1', ['Transfer-Encoding: chunked'], 'no chunk'),
    request('POST /orders HTTP/1.1', ['Transfer-Encoding: chunked', 'Content-Length: 5'], '0\r\n\r\n'),
    request('GET http://api.example.com/orders HTTP/1.1'),
    request('OPTIONS * HTTP/1.1'),
    request('TRACE /orders HTTP/1.1'),
    request('GET //orders/..%2f%00%ff HTTP/1.1'),
    request('GET /orders HTTP/1.1', ['Host: another']),
    'GET /orders\r\n',
    'GET /orders HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n',
    'GET /orders HTTP/1.0\r\n\r\n',
    request(`GET /orders?q=${'q'.repeat(11_000)} HTTP/1.1`),
    request('GET /orders HTTP/1.1', [`X-Large: ${'x'.repeat(11_000)}`]),
    request('GET /orders HTTP/1.1', [`X-Larger: ${'x'.repeat(70_000)}`]),
    request(
      'GET /orders HTTP/1.1',
      Array.from({ length: 1_500 }, (_, n) => `x-${n}: 1`),
    ),
  ),
);

/** The same, cut off, or with bytes that do not belong there. */
const bytes: fc.Arbitrary<Buffer> = fc.oneof(
  { arbitrary: whole.map(latin1), weight: 5 },
  { arbitrary: fc.tuple(whole, fc.double({ min: 0, max: 1, noNaN: true })).map(([text, share]) => latin1(text.slice(0, Math.floor(text.length * share)))), weight: 2 }, // prettier-ignore
  { arbitrary: fc.tuple(whole, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })).map(([text, flips]) => flipped(latin1(text), flips)), weight: 2 }, // prettier-ignore
  fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
);

export const rawConnection: fc.Arbitrary<RawConnection> = fc.record({
  parts: fc.tuple(bytes, fc.integer({ min: 1, max: 4 })).map(([all, count]) => cut(all, count)),
  pauseMs: fc.constantFrom(0, 0, 0, 1, 5, 20),
  end: fc.constantFrom('reset', 'reset', 'half-close', 'close', 'listen'),
});

/** Does it, and resolves once the connection is closed on this side. An error is what such clients expect. */
export async function connectRaw(port: number, { parts, pauseMs, end }: RawConnection): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.resume();
  for (const part of parts) {
    if (socket.destroyed) return closed;
    socket.write(part);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  // What is written is sent with the next turn of the loop at the latest: a reset would drop what is not.
  if (end !== 'half-close') await sleep(0);
  if (end === 'reset') socket.resetAndDestroy();
  else if (end === 'close') socket.destroy();
  else if (end === 'half-close') socket.end();
  if (end === 'listen') await Promise.race([once(socket, 'data').catch(() => undefined), closed, sleep(100)]);
  // A connection that waits for more, e.g. the rest of a body, would be kept for minutes.
  const leave = setTimeout(() => socket.destroy(), end === 'listen' ? 0 : 500);
  await closed;
  clearTimeout(leave);
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function flipped(all: Buffer, flips: readonly (readonly [place: number, byte: number])[]): Buffer {
  for (const [place, byte] of flips) all[place % all.length] = byte;
  return all;
}

function cut(all: Buffer, count: number): Buffer[] {
  const length = Math.max(1, Math.ceil(all.length / count));
  return Array.from({ length: Math.ceil(all.length / length) }, (_, n) => all.subarray(n * length, (n + 1) * length));
}

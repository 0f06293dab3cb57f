import type { Case, Expectation } from '../case';

/** Bytes on a connection of their own: either one request that both sides read alike, or none. */
function wire(name: string, lines: readonly string[], rest: string, expect: Expectation): Case {
  return { name: `smuggling: ${name}`, wire: `${lines.join('\r\n')}\r\n\r\n${rest}`, expect };
}

const POST = ['POST /orders/7 HTTP/1.1', 'Host: api.example.com'];
const GET = ['GET /orders/7 HTTP/1.1', 'Host: api.example.com'];
const HIDDEN = 'GET /orders/hidden HTTP/1.1\r\nHost: api.example.com\r\n\r\n';
const refused = { edge: 400 } as const;
/** Of what is wrong only behind the head nobody reads on: the connection is closed. */
const closed = { edge: 0 } as const;

export const smuggling: readonly Case[] = [
  wire(
    'length and chunks (CL.TE)',
    [...POST, 'Content-Length: 6', 'Transfer-Encoding: chunked'],
    '0\r\n\r\nG',
    refused,
  ),
  wire('chunks and length (TE.CL)', [...POST, 'Transfer-Encoding: chunked', 'Content-Length: 4'], `5c\r\n${HIDDEN}\r\n0\r\n\r\n`, refused), // prettier-ignore
  wire('two lengths that differ', [...POST, 'Content-Length: 0', 'Content-Length: 44'], HIDDEN, refused),
  wire('two lengths in one header', [...POST, 'Content-Length: 0, 44'], HIDDEN, refused),
  wire('a length with a sign', [...POST, 'Content-Length: +2'], 'ok', refused),
  wire('a negative length', [...POST, 'Content-Length: -1'], 'ok', refused),
  wire('a length in hex', [...POST, 'Content-Length: 0x2'], 'ok', refused),
  wire('a length over all bounds', [...POST, 'Content-Length: 99999999999999999999'], 'ok', refused),
  wire('a space before the colon', [...POST, 'Content-Length : 44'], HIDDEN, refused),
  wire('a transfer coding that is not known', [...POST, 'Transfer-Encoding: xchunked'], '0\r\n\r\n', closed),
  wire('chunked twice, not last', [...POST, 'Transfer-Encoding: chunked, identity'], '0\r\n\r\n', refused),
  wire('a tab before chunked and a length', [...POST, 'Transfer-Encoding:\tchunked', 'Content-Length: 4'], '0\r\n\r\n', refused), // prettier-ignore
  wire('a folded header', [...POST, 'X-A: 1', ' Content-Length: 44'], HIDDEN, refused),
  wire(
    'a folded transfer coding',
    [...POST, 'Transfer-Encoding:', ' chunked', 'Content-Length: 4'],
    '0\r\n\r\n',
    refused,
  ),
  wire('a header that ends in CR alone', [...POST, 'X-A: 1\rContent-Length: 44'], HIDDEN, refused),
  wire('a NUL in a header', [...POST, 'X-A: a\x00b'], '', refused),
  wire('a name with a control character', [...POST, 'X\x0bA: 1'], '', refused),
  wire('a chunk size that is none', [...POST, 'Transfer-Encoding: chunked'], 'g\r\nx\r\n0\r\n\r\n', closed),
  wire('a chunk size with a sign', [...POST, 'Transfer-Encoding: chunked'], '+2\r\nok\r\n0\r\n\r\n', closed),
  wire('a chunk size over all bounds', [...POST, 'Transfer-Encoding: chunked'], 'fffffffffffffffff\r\nx\r\n0\r\n\r\n', closed), // prettier-ignore
  wire('a chunk longer than its size', [...POST, 'Transfer-Encoding: chunked'], '1\r\nok\r\n0\r\n\r\n', closed),
  wire('a length in a trailer', [...POST, 'Transfer-Encoding: chunked'], '2\r\nok\r\n0\r\nContent-Length: 9\r\n\r\n', closed), // prettier-ignore
  wire('no Host', ['GET /orders/7 HTTP/1.1'], '', refused),
  wire('two Hosts', [...GET, 'Host: evil.example'], '', refused),
  wire('a request line with two targets', ['GET /orders/7 /orders/8 HTTP/1.1', 'Host: api.example.com'], '', refused),
  wire('a request line with a tab', ['GET\t/orders/7\tHTTP/1.1', 'Host: api.example.com'], '', refused),
  wire('HTTP/2 in plain text', ['PRI * HTTP/2.0'], 'SM\r\n\r\n', refused),
  wire('HTTP/3.7', ['GET /orders/7 HTTP/3.7', 'Host: api.example.com'], '', refused),
  wire('an authority as the target', ['GET api.example.com:80 HTTP/1.1', 'Host: api.example.com'], '', refused),
  wire('an asterisk as the target', ['OPTIONS * HTTP/1.1', 'Host: api.example.com'], '', refused),
  wire('bytes over 0x7f in the target', ['GET /orders/\xfc HTTP/1.1', 'Host: api.example.com'], '', refused),
  wire('a fragment in the target', ['GET /orders/7#/admin HTTP/1.1', 'Host: api.example.com'], '', refused),
  {
    ...wire('a good chunked request becomes one with a length', [...POST, 'Transfer-Encoding: chunked'], '3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n', { body: 'abcd' }), // prettier-ignore
    sends: { method: 'POST' },
  },
  {
    ...wire('a trailer is dropped', [...POST, 'Transfer-Encoding: chunked', 'Trailer: X-User'], '2\r\nok\r\n0\r\nX-User: root\r\n\r\n', { body: 'ok' }), // prettier-ignore
    sends: { method: 'POST' },
  },
  {
    ...wire('a target with scheme and host is read by its path; Host counts', ['GET http://api.example.com/orders/7 HTTP/1.1', 'Host: api.example.com'], '', {}), // prettier-ignore
  },
  {
    ...wire('a GET with a body keeps it to itself', [...GET, `Content-Length: ${HIDDEN.length}`], HIDDEN, { body: HIDDEN }), // prettier-ignore
  },
  {
    ...wire('CR and LF before the request line are read over', ['\r\nGET /orders/7 HTTP/1.1', 'Host: api.example.com'], '', {}), // prettier-ignore
  },
  {
    ...wire('HTTP/1.0', ['GET /orders/7 HTTP/1.0', 'Host: api.example.com'], '', {}),
  },
];

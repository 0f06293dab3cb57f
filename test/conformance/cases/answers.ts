import { gzipSync } from 'node:zlib';
import { BYTES } from '../../e2e/journaling-service';
import type { Case, Expectation } from '../case';

function raw(status: string, headers: readonly string[], body: Buffer | string = '', length = true): Buffer {
  const lines = [`HTTP/1.1 ${status}`, ...headers, ...(length ? [`Content-Length: ${Buffer.byteLength(body)}`] : [])];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

function answer(name: string, service: Buffer, expect: Expectation, on: Case['on'] = {}, method = 'GET'): Case {
  return { name: `answer: ${name}`, sends: { method }, service, expect: { answerBody: '', ...expect }, on };
}

function status(code: number, phrase: string): Case {
  return answer(`${code}`, raw(`${code} ${phrase}`, [], 'body'), { status: code, answerBody: 'body' });
}

const LOCATION = 'http://orders.internal:8080/orders/8?a=1#f';

export const answers: readonly Case[] = [
  status(200, 'OK'),
  status(201, 'Created'),
  status(202, 'Accepted'),
  status(206, 'Partial Content'),
  status(207, 'Multi-Status'),
  status(299, 'Whatever'),
  status(400, 'Bad Request'),
  status(401, 'Unauthorized'),
  status(404, 'Not Found'),
  status(409, 'Conflict'),
  status(418, "I'm a teapot"),
  status(429, 'Too Many Requests'),
  status(451, 'Unavailable For Legal Reasons'),
  status(500, 'Internal Server Error'),
  status(501, 'Not Implemented'),
  status(502, 'Bad Gateway'),
  status(503, 'Service Unavailable'),
  status(599, ''),
  answer('204 has no body', raw('204 No Content', ['X-A: 1'], '', false), { status: 204, answers: { 'x-a': ['1'] } }),
  answer('304 has no body, and its length is that of the other answer', raw('304 Not Modified', ['ETag: "a"', 'Content-Length: 1234'], '', false), { status: 304, answers: { etag: ['"a"'] } }), // prettier-ignore
  answer('HEAD has the headers of GET and no body', raw('200 OK', ['X-A: 1', 'Content-Length: 1234'], '', false), { answers: { 'x-a': ['1'] } }, { 'rest-gateway': { answers: { 'x-a': ['1'], 'content-length': ['0'], 'x-amzn-remapped-content-length': ['1234'] } } }, 'HEAD'), // prettier-ignore
  answer(
    'HEAD of what is missing',
    raw('404 Not Found', ['Content-Length: 9'], '', false),
    { status: 404 },
    {},
    'HEAD',
  ),
  answer('OPTIONS', raw('204 No Content', ['Allow: GET, HEAD', 'Access-Control-Allow-Origin: *'], '', false), { status: 204, answers: { allow: ['GET, HEAD'], 'access-control-allow-origin': ['*'] } }, {}, 'OPTIONS'), // prettier-ignore
  ...[301, 302, 303, 307, 308].map((code) => answer(`${code} goes to the caller, Location untouched`, raw(`${code} Moved`, [`Location: ${LOCATION}`]), { status: code, answers: { location: [LOCATION] } })), // prettier-ignore
  ...[
    ['/api/v2/9?a=1', '/moved/9?a=1'],
    ['/api/v2', '/moved'],
    ['/elsewhere', '/elsewhere'],
    ['https://shop.example/api/v2/9', 'https://shop.example/api/v2/9'],
  ].map(([from = '', to = '']): Case => ({
    name: `answer: Location ${from} where it is rewritten`,
    sends: { path: '/moved/x' },
    service: raw('302 Found', [`Location: ${from}`]),
    expect: { target: '/api/v2/x', status: 302, answerBody: '', answers: { location: [to] } },
  })),
  answer('empty body', raw('200 OK', []), {}),
  answer('every byte there is', raw('200 OK', ['Content-Type: application/octet-stream'], BYTES), {
    answerBody: BYTES,
  }),
  answer('every byte there is, said to be text', raw('200 OK', ['Content-Type: text/plain'], BYTES), { answerBody: BYTES }), // prettier-ignore
  answer('text that is not ASCII', raw('200 OK', ['Content-Type: text/plain; charset=utf-8'], 'grün ☕ 🎉'), { answerBody: 'grün ☕ 🎉' }), // prettier-ignore
  answer('a byte order mark', raw('200 OK', [], '\ufeffa'), { answerBody: '\ufeffa' }),
  answer('compressed is passed through', raw('200 OK', ['Content-Encoding: gzip', 'Vary: Accept-Encoding'], gzipSync('x')), { answerBody: gzipSync('x'), answers: { 'content-encoding': ['gzip'], vary: ['Accept-Encoding'] } }), // prettier-ignore
  answer('300 KiB', raw('200 OK', [], Buffer.alloc(300 * 1024, 'a')), { answerBody: Buffer.alloc(300 * 1024, 'a') }),
  answer('chunked', raw('200 OK', ['Transfer-Encoding: chunked'], '3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n', false), { answerBody: 'abcd', answers: { 'transfer-encoding': [] } }), // prettier-ignore
  answer('chunked, with a trailer, which is dropped', raw('200 OK', ['Transfer-Encoding: chunked', 'Trailer: X-Sum'], '2\r\nok\r\n0\r\nX-Sum: 7\r\nX-Other: 8\r\n\r\n', false), { answerBody: 'ok', answers: { 'x-sum': [], 'x-other': [], trailer: [] } }), // prettier-ignore
  answer('until the connection closes', raw('200 OK', [], 'to the end<close>', false), { answerBody: 'to the end' }),
  answer('of HTTP/1.0', Buffer.from('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold<close>'), { answerBody: 'old' }),
  answer('without a reason phrase', Buffer.from('HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok'), { answerBody: 'ok' }),
  answer('repeated headers stay apart, or are joined by commas', raw('200 OK', ['X-Tag: a', 'X-Tag: b'], ''), {}, { rest: { answers: { 'x-tag': ['a', 'b'] } }, http: { answers: { 'x-tag': ['a, b'] } } }), // prettier-ignore
  answer('cookies stay apart', raw('200 OK', ['Set-Cookie: a=1; Path=/; HttpOnly', 'set-cookie: b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT']), { answers: { 'set-cookie': ['a=1; Path=/; HttpOnly', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT'] } }), // prettier-ignore
  answer('hop-by-hop headers are dropped', raw('200 OK', ['Connection: keep-alive, X-Hop', 'Keep-Alive: timeout=5', 'X-Hop: 1', 'Proxy-Authenticate: Basic', 'Upgrade: h2c', 'X-Kept: 1']), { answers: { 'x-hop': [], 'proxy-authenticate': [], upgrade: [], 'x-kept': ['1'] } }), // prettier-ignore
  answer('X-Request-Id of the service is replaced', raw('200 OK', ['X-Request-Id: theirs']), {}),
  answer('headers of security and caching', raw('200 OK', ['Strict-Transport-Security: max-age=1', 'Cache-Control: private', 'ETag: W/"x"', 'Content-Security-Policy: default-src \'self\'']), { answers: { 'strict-transport-security': ['max-age=1'], 'cache-control': ['private'], etag: ['W/"x"'], 'content-security-policy': ["default-src 'self'"] } }), // prettier-ignore
  answer('Retry-After of a service that is busy', raw('503 Service Unavailable', ['Retry-After: 120']), { status: 503, answers: { 'retry-after': ['120'] } }), // prettier-ignore
  answer('WWW-Authenticate, which REST APIs rename', raw('401 Unauthorized', ['WWW-Authenticate: Basic realm="x"']), { status: 401, answers: { 'www-authenticate': ['Basic realm="x"'] } }, { 'rest-gateway': { answers: { 'x-amzn-remapped-www-authenticate': ['Basic realm="x"'] } } }), // prettier-ignore
  answer('names of Object.prototype', raw('200 OK', ['constructor: c', '__proto__: p']), { answers: { constructor: ['c'], ['__proto__']: ['p'] } }), // prettier-ignore
];

import type { ProblemCode } from '../../../lambda/proxy/problem';
import type { Case, Expectation } from '../case';

function service(name: string, bytes: string, expect: Expectation, sends: Case['sends'] = { method: 'POST' }): Case {
  return { name: `service: ${name}`, sends, service: bytes, expect };
}

/** The head was there: who streams has passed it on by then. */
function midway(name: string, bytes: string, problem: ProblemCode = 'upstream_reset', path?: string): Case {
  const sends = path === undefined ? { method: 'POST' } : { path };
  const on = { 'rest-stream': { problem: undefined, breaksOff: problem } };
  return { ...service(name, bytes, { problem, calls: 1 }, sends), on };
}

const broken = { problem: 'upstream_reset', calls: 1 } as const;
const invalid = { problem: 'upstream_invalid', calls: 1 } as const;

/** What services do that they should not, and interim answers. POST, where a GET would be tried again on a fresh connection. */
export const services: readonly Case[] = [
  service('100 Continue that nobody asked for is read over', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', {}), // prettier-ignore
  service('103 Early Hints are read over', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', { answers: { link: [] } }), // prettier-ignore
  service('101 without being asked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', invalid), // prettier-ignore
  service('status 600', 'HTTP/1.1 600 Odd\r\nContent-Length: 0\r\n\r\n', invalid),
  service('status 999', 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n', invalid),
  service('no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n<close>', broken),
  service('nothing', '<close>', broken),
  service('half of a head', 'HTTP/1.1 200 OK\r\nContent-Le<close>', broken),
  midway('half of a body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf<close>'),
  midway('half of a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab<close>'),
  midway('no last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n<close>'),
  midway('a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n'), // prettier-ignore
  service('length and chunks at once', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', broken), // prettier-ignore
  service('two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok', broken),
  service('a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok', broken),
  service('a header with a NUL', 'HTTP/1.1 200 OK\r\nX-A: a\x00b\r\nContent-Length: 2\r\n\r\nok', broken),
  service('a header name with a space', 'HTTP/1.1 200 OK\r\nX A: 1\r\nContent-Length: 2\r\n\r\nok', broken),
  service('16 KiB of headers and more', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(17 * 1024)}\r\nContent-Length: 2\r\n\r\nok`, broken), // prettier-ignore
  service('a second answer that nobody asked for goes to nobody', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil', {}), // prettier-ignore
  service('a connection that closes after each answer', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok<close>', {}), // prettier-ignore
  service('says nothing in time', '', { problem: 'upstream_timeout', calls: 1 }, { path: '/hasty' }),
  midway('stops in the middle of its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', 'upstream_timeout', '/hasty'), // prettier-ignore
  service('cannot be reached', '', { problem: 'upstream_unreachable' }, { path: '/down' }),
];

import { gzipSync } from 'node:zlib';
import { BYTES } from '../../e2e/journaling-service';
import type { Case } from '../case';

function body(name: string, content: Buffer | string, type: string | undefined, method = 'POST'): Case {
  return {
    name: `request body: ${name}`,
    sends: { method, body: content, headers: type === undefined ? [] : [['Content-Type', type]] },
  };
}

export const bodies: readonly Case[] = [
  body('JSON', '{"tea":"oolong","cups":3}', 'application/json'),
  body('JSON that is not ASCII', '{"tea":"Grüntee ☕ 🎉"}', 'application/json'),
  body('text without a type', 'plain', undefined),
  body('a form', 'a=1&b=%2F+x', 'application/x-www-form-urlencoded'),
  body('multipart', '--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n\x00\x01\r\n--b--\r\n', 'multipart/form-data; boundary=b'), // prettier-ignore
  body('every byte there is', BYTES, 'application/octet-stream'),
  body('every byte there is, said to be text', BYTES, 'text/plain'),
  body('every byte there is, said to be JSON', BYTES, 'application/json'),
  body('a byte order mark', Buffer.from('\ufeff{"a":1}'), 'application/json'),
  body('CR, LF and NUL', 'a\r\n\r\nb\x00c\n', 'text/plain'),
  body('what looks like a second request', '\r\n\r\nGET /orders/smuggled HTTP/1.1\r\nHost: x\r\n\r\n', 'text/plain'),
  body('one byte', 'x', 'text/plain'),
  body('exactly as large as is allowed', Buffer.alloc(64 * 1024, 'm'), 'application/octet-stream'),
  body('in PUT', 'put', 'text/plain', 'PUT'),
  body('in PATCH', 'patch', 'text/plain', 'PATCH'),
  body('in DELETE', 'delete', 'text/plain', 'DELETE'),
  body('in GET', 'get', 'text/plain', 'GET'),
  body('in OPTIONS', 'options', 'text/plain', 'OPTIONS'),
  { name: 'request body: none in POST is told as such', sends: { method: 'POST' } },
  { name: 'request body: none in PUT is told as such', sends: { method: 'PUT' } },
  {
    name: 'request body: compressed is passed through',
    sends: { method: 'POST', body: gzipSync('{"a":1}'), headers: [['Content-Type', 'application/json'], ['Content-Encoding', 'gzip']] }, // prettier-ignore
  },
  {
    name: 'request body: Expect: 100-continue is met by the edge',
    sends: { method: 'POST', body: 'waited for', headers: [['Expect', '100-continue']] },
    expect: { drops: ['expect'] },
  },
  {
    name: 'request body: over the limit',
    sends: { method: 'POST', body: Buffer.alloc(64 * 1024 + 1, 'm') },
    expect: { problem: 'body_too_large' },
  },
  {
    name: 'request body: Digest and Content-MD5 go with it',
    sends: { method: 'POST', body: 'x', headers: [['Digest', 'sha-256=abc'], ['Content-MD5', 'nVP2lvSmOSkPcnqTM+JkSw==']] }, // prettier-ignore
    on: { rest: { drops: ['content-md5'] } },
  },
];

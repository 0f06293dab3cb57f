import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { Case, Expectation } from '../case';

function passes(name: string, headers: readonly HeaderPair[], on: Case['on'] = {}): Case {
  return { name: `request header: ${name}`, sends: { headers }, on };
}

function drops(name: string, headers: readonly HeaderPair[], expect: Expectation = {}, on: Case['on'] = {}): Case {
  const dropped = expect.drops ?? headers.map(([header]) => header.toLowerCase());
  return { name: `request header dropped: ${name}`, sends: { headers }, expect: { ...expect, drops: dropped }, on };
}

export const requestHeaders: readonly Case[] = [
  passes('Accept', [['Accept', 'text/html;q=0.8, */*;q=0.1']]),
  passes('User-Agent', [['User-Agent', 'curl/8.7.1']]),
  passes('spelling stays where the edge keeps it', [['x-CuStOm-Id', '7']]),
  passes('repeated, in order', [['X-Tag', 'a'], ['X-Tag', 'b'], ['X-Tag', 'a']]), // prettier-ignore
  passes('repeated with commas inside', [['Accept-Language', 'de, en'], ['Accept-Language', 'fr']]), // prettier-ignore
  passes('empty value', [['X-Empty', '']]),
  passes('value with inner spaces and tab', [['X-Spaced', 'a  b\tc']]),
  passes('bytes over 0x7f (Latin-1)', [['X-Name', 'J\xfcrgen']]),
  passes('quotes, backslashes and percent signs', [['X-Odd', '"a\\"b" %0d%0a']]),
  passes('all characters of a token in the name', [["x!#$%&'*+.^`|~9", 'v']]),
  passes('a name of Object.prototype', [['constructor', 'c'], ['hasOwnProperty', 'h']]), // prettier-ignore
  passes('__proto__, whose underscores make no other name of it', [['__proto__', 'p']]),
  passes('Authorization', [['Authorization', 'Basic dXNlcjpwYXNz']]),
  passes('one cookie', [['Cookie', 'a=1']]),
  passes('several cookies in one header', [['Cookie', 'a=1; b="x y"; c=%3D']]),
  passes('Range and conditions', [['Range', 'bytes=0-9'], ['If-None-Match', 'W/"a"'], ['If-Range', '"b"']]), // prettier-ignore
  passes('Accept-Encoding', [['Accept-Encoding', 'gzip, br;q=0.9']]),
  passes('Origin and CORS', [['Origin', 'https://shop.example'], ['Access-Control-Request-Method', 'PUT']]), // prettier-ignore
  passes('Content-Type without a body', [['Content-Type', 'application/json']]),
  passes('Cache-Control and Pragma', [['Cache-Control', 'no-cache'], ['Pragma', 'no-cache']]), // prettier-ignore
  passes('X-Amz-Date and other parts of a signature', [['X-Amz-Date', '20261124T073000Z']]),
  passes('9,000 bytes of one header', [['X-Long', 'l'.repeat(9_000)]]),
  passes(
    '200 headers',
    Array.from({ length: 200 }, (_, i): HeaderPair => [`X-Many-${i}`, String(i)]),
  ),

  drops('Connection', [['Connection', 'keep-alive']]),
  drops('Keep-Alive', [['Keep-Alive', 'timeout=5']]),
  drops('Proxy-Connection', [['Proxy-Connection', 'keep-alive']]),
  drops('Proxy-Authorization', [['Proxy-Authorization', 'Basic eDp5']]),
  drops('TE', [['TE', 'trailers']]),
  drops('Upgrade', [['Connection', 'Upgrade'], ['Upgrade', 'websocket'], ['Sec-WebSocket-Version', '13']], { drops: ['connection', 'upgrade'] }), // prettier-ignore
  drops('Upgrade to HTTP/2', [['Connection', 'Upgrade, HTTP2-Settings'], ['Upgrade', 'h2c'], ['HTTP2-Settings', 'AAMAAABkAAQAAP__']]), // prettier-ignore
  drops('Expect: 100-continue, as the body is here already', [['Expect', '100-continue']]),
  drops('X-Request-Id of the caller', [['X-Request-Id', 'chosen-by-caller']]),
  drops('X-Audit-…', [['X-Audit-Actor', 'root'], ['X-Audit-Anything', '1']]), // prettier-ignore
  drops('X-Real-IP and kin', [['X-Real-IP', '10.0.0.1'], ['X-Client-IP', '10.0.0.1'], ['True-Client-IP', '10.0.0.1'], ['X-Cluster-Client-IP', '10.0.0.1']]), // prettier-ignore
  drops('Remote-User and kin', [['Remote-User', 'root'], ['X-Remote-User', 'root'], ['X-Auth-Request-User', 'root']]), // prettier-ignore
  drops('X-Original-URL and kin', [['X-Original-URL', '/admin'], ['X-Rewrite-URL', '/admin'], ['X-Original-Host', 'x']]), // prettier-ignore
  drops('X-HTTP-Method-Override and kin', [['X-HTTP-Method-Override', 'DELETE'], ['X-Method-Override', 'DELETE'], ['X-HTTP-Method', 'DELETE']]), // prettier-ignore
  drops('identity of a load balancer', [['X-Amzn-Oidc-Identity', 'root'], ['X-Amzn-Oidc-Data', 'e30'], ['X-Amzn-Mtls-Clientcert-Subject', 'CN=root']]), // prettier-ignore
  drops('Proxy (httpoxy)', [['Proxy', 'http://evil.example']]),
  drops('the same with underscores', [['X_Request_Id', '1'], ['X_Forwarded_For', '10.0.0.1'], ['X_AUDIT_ACTOR', 'root'], ['Remote_User', 'root'], ['Transfer_Encoding', 'chunked'], ['Content_Length', '5']]), // prettier-ignore
];

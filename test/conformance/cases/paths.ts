import type { Case } from '../case';

/** Forwarded as it came; an HTTP API's re-encoded form is given where it differs. */
function kept(path: string, reencoded = path): Case {
  return { name: `path ${path}`, sends: { path }, ...(reencoded !== path && { on: { http: { target: reencoded } } }) };
}

/** Refused by the gateway; no event of an API of which we know could hold it. */
function untellable(path: string): Case {
  const why =
    'what API Gateway makes of a path that is not percent-encoded UTF-8 is documented nowhere: no event to build';
  return {
    name: `path ${path}`,
    sends: { path },
    on: { event: why, 'rest-stream': why, gateway: { edge: 400 } },
  };
}

/** Forwarded as it came; where the edge decodes the path, refused, since it cannot be told from another then. */
function keptUnlessDecoded(path: string): Case {
  return { name: `path ${path}`, sends: { path }, on: { http: { problem: 'ambiguous_path' } } };
}

/** Refused by the proxy, whatever the edge. */
function ambiguous(path: string): Case {
  return { name: `path ${path} is refused`, sends: { path }, expect: { problem: 'ambiguous_path' } };
}

export const paths: readonly Case[] = [
  kept('/orders'),
  kept('/orders/'),
  kept('/orders/7'),
  kept('/orders/7/'),
  kept('/orders//7'),
  kept('/orders/a//b///c'),
  kept('/orders/caf%C3%A9'),
  kept('/orders/caf%c3%a9', '/orders/caf%C3%A9'),
  kept('/orders/%E2%82%AC%F0%9F%8E%89'),
  kept('/orders/a%20b'),
  kept('/orders/a+b'),
  kept('/orders/a%2Bb', '/orders/a+b'),
  kept('/orders/%7Eann', '/orders/~ann'),
  kept("/orders/-._~!$&'()*+,;=:@"),
  kept('/orders/a;v=1;w=2/b'),
  kept('/orders/a:b@c'),
  kept('/orders/100%25'),
  kept('/orders/%3Fa=b'),
  kept('/orders/a%23b'),
  kept('/orders/%00'),
  kept('/orders/a%0D%0Ab'),
  kept('/orders/%5B%5D%7B%7D%7C%22%3C%3E%5E%60'),
  kept('/orders/...'),
  kept('/orders/.hidden/..x/y..'),
  kept(`/orders/${'a'.repeat(2_000)}`),
  kept(`/orders${'/s'.repeat(500)}`),
  { ...kept('/orders/a%2Fb'), on: { http: { target: '/orders/a/b' } } },
  { ...kept('/orders/a%2fb%2Fc'), on: { http: { target: '/orders/a/b/c' } } },
  { name: 'path /%6Frders/7: the route is found, the spelling stays', sends: { path: '/%6Frders/7' }, on: { http: { target: '/orders/7' } } }, // prettier-ignore
  { name: 'path /v1/stock/7 loses its prefix', sends: { path: '/v1/stock/7' }, expect: { target: '/7' } },
  { name: 'path /v1/stock loses its prefix and keeps a slash', sends: { path: '/v1/stock' }, expect: { target: '/' } },
  { name: 'path /v1/%73tock/a%20b loses as many segments as the prefix has', sends: { path: '/v1/%73tock/a%20b' }, expect: { target: '/a%20b' } }, // prettier-ignore
  { name: 'path /based/x goes under the base path', sends: { path: '/based/x' }, expect: { target: '/api/v2/x' } },
  { name: 'path /based//x keeps its slashes under a base path', sends: { path: '/based//x' }, expect: { target: '/api/v2//x' } }, // prettier-ignore
  { name: 'path /v1/stock//evil.example is refused: without its prefix it would name a host', sends: { path: '/v1/stock//evil.example' }, expect: { problem: 'ambiguous_path' } }, // prettier-ignore

  ambiguous('/orders/.'),
  ambiguous('/orders/..'),
  ambiguous('/orders/../admin'),
  ambiguous('/orders/./7'),
  ambiguous('/orders/%2e%2e/admin'),
  ambiguous('/orders/.%2E/admin'),
  ambiguous('/orders/..%2fadmin'),
  ambiguous('/orders/%2e%2e%2fadmin'),
  ambiguous('/orders/..;/admin'),
  ambiguous('/orders/..%3Bx/admin'),
  ambiguous('/orders/..%5Cadmin'),
  ambiguous('/orders/a%5C..%5Cadmin'),
  ambiguous('//orders/7'),
  ambiguous('//evil.example/orders'),
  ambiguous('/../orders'),
  {
    name: 'path with a raw backslash is refused',
    sends: { path: '/orders/a\\b' },
    expect: { problem: 'ambiguous_path' },
    on: { gateway: { edge: 400 }, 'http-event': 'a backslash in a decoded path stands for %5C, and is encoded again' },
  },
  untellable('/orders/%ff'),
  untellable('/orders/%zz'),
  keptUnlessDecoded('/orders/%2541'),
  ambiguous('/orders/%252e%252e/admin'),
];

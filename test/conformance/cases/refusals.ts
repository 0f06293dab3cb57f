import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { Case } from '../case';

const PARSED = 'the gateway’s parser refuses such a request before there is an event; see "smuggling"';

/** Headers that no connection could have carried, should an edge ever let them through. */
function unsendable(name: string, headers: readonly HeaderPair[]): Case {
  return {
    name: `refused: ${name}`,
    sends: { headers },
    expect: { problem: 'invalid_headers' },
    on: { gateway: PARSED },
  };
}

function method(name: string, path = '/orders/7'): Case {
  const why = 'the local gateway has the methods that API Gateway documents, and refuses all others itself';
  return { name: `method ${name}`, sends: { method: name, path }, on: { gateway: why } };
}

export const refusals: readonly Case[] = [
  { name: 'refused: no route', sends: { path: '/nowhere' }, expect: { problem: 'no_route' } },
  { name: 'refused: no route by half a segment', sends: { path: '/ordersmore' }, expect: { problem: 'no_route' } },
  { name: 'refused: no route for the root', sends: { path: '/' }, expect: { problem: 'no_route' } },
  { name: 'refused: no route by case', sends: { path: '/Orders/7' }, expect: { problem: 'no_route' } },
  { name: 'refused: no route by an encoded slash', sends: { path: '/v1%2Fstock' }, expect: { problem: 'no_route' }, on: { http: { problem: undefined as never, target: '/' } } }, // prettier-ignore
  unsendable('CR and LF in a value', [['X-A', 'a\r\nX-Injected: 1']]),
  unsendable('LF in a value', [['X-A', 'a\nb']]),
  unsendable('CR in a value', [['X-A', 'a\rb']]),
  unsendable('NUL in a value', [['X-A', 'a\x00b']]),
  unsendable('a value beyond Latin-1', [['X-A', 'a\u0100b']]),
  unsendable('a name with a space', [['X A', '1']]),
  unsendable('a name with a colon', [['X-A:', '1']]),
  unsendable('a name with CR and LF', [['X-A\r\nX-B', '1']]),
  unsendable('an empty name', [['', '1']]),
  unsendable('a name beyond ASCII', [['X-\xc4', '1']]),
  { name: 'refused: more than 10,000 bytes of headers', sends: { headers: [['X-Long', 'l'.repeat(9_995)]] }, expect: { problem: 'headers_too_large' } }, // prettier-ignore
  { name: 'refused: more headers than API Gateway takes', sends: { headers: [['X-Long', 'l'.repeat(11_000)]] }, expect: { problem: 'headers_too_large' }, on: { gateway: { edge: 431 } } }, // prettier-ignore
  { name: 'refused: HEAD gets a problem without a body', sends: { method: 'HEAD', path: '/nowhere' }, expect: { problem: 'no_route' } }, // prettier-ignore
  method('PROPFIND'),
  method('M-SEARCH'),
  { ...method('CONNECT'), expect: { problem: 'ambiguous_request' } },
  { ...method('get'), expect: { problem: 'ambiguous_request' } },
  { ...method('GE T'), expect: { problem: 'ambiguous_request' } },
];

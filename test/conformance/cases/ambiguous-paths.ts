import type { Case, Expectation } from '../case';

const DECODED = 'an HTTP API decodes %2F: a path with a slash arrives, which "paths" has';
const UNTELLABLE =
  'what API Gateway makes of a path that is not percent-encoded UTF-8 is documented nowhere: no event to build';

function under(path: string, expect: Expectation, on: Case['on'] = {}): Case {
  return { name: `policy: path ${path}`, policy: true, sends: { path }, expect, on };
}

/** Services may read it in different ways, and the route does not forward such paths. */
function refused(path: string, on?: Case['on']): Case {
  return under(path, { problem: 'ambiguous_path' }, on);
}

function untellable(path: string): Case {
  return refused(path, {
    'rest-event': UNTELLABLE,
    'http-event': UNTELLABLE,
    'rest-stream': UNTELLABLE,
    gateway: { problem: undefined as never, edge: 400 },
  });
}

export const ambiguousPaths: readonly Case[] = [
  under('/orders/7', {}),
  under('/orders/7/', {}),
  under('/orders/caf%C3%A9/a%20b', {}),
  under('/orders/100%25', {}),
  under('/orders/a%2Bb', {}, { http: { target: '/orders/a+b' } }),
  under('/orders/%3Fa%23b', {}),
  under('/orders/.hidden/x..y', {}),
  under('/orders/internal/x', { problem: 'unauthenticated' }),
  under('/orders/INTERNAL/x', { problem: 'unauthenticated' }),
  under('/orders/%69nternal/x/', { problem: 'unauthenticated' }),
  refused('/orders/internal%2Fx', { http: { problem: 'unauthenticated' } }),
  refused('/orders/7%2Frefund', { http: DECODED }),
  refused('/orders/;%2Fx/internal/secret'),
  refused('/orders/internal;a/x'),
  refused('/orders/internal%3Ba/x'),
  refused('/orders//internal/x'),
  refused('/orders/internal//'),
  refused('/orders/internal%5Cx'),
  refused('/orders/internal%252Fx'),
  refused('/orders/%2569nternal/x'),
  refused('/orders/a%252e%252e'),
  refused('/orders/internal%00/x'),
  refused('/orders/inter%09nal/x'),
  refused('/orders/%EF%BF%BD'),
  refused('/orders/../orders/internal/x'),
  refused('/orders/x/..%2Finternal/x'),
  untellable('/orders/internal%2Fx%FF'),
  untellable('/orders/%C0%AFinternal/x'),
  untellable('/orders/%zz'),
  under('/paths/a%2Fb', {}, { http: { target: '/paths/a/b' } }),
  under('/paths/a;v=1/b', {}),
  under('/paths//a', {}),
  under('/paths/internal%2Fx', { problem: 'unauthenticated' }),
  under('/paths/;x/internal/x', { problem: 'unauthenticated' }),
  under('/paths//internal/x', { problem: 'unauthenticated' }),
  under('/paths/%252e%252e/orders', { problem: 'ambiguous_path' }),
];

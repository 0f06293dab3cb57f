import { attemptDraft, outcomeDraft, type UidsAndClock } from '../../lib/event/build';
import { Chain, type SealedEvent } from '../../lib/event/chain';
import type { Destination, OutcomeFacts, RequestFacts, WriterFacts } from '../../lib/event/request-facts';

const EMPTY = { length: 0, sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' };

export function requestFacts(changes: Partial<RequestFacts> = {}): RequestFacts {
  return {
    time: 1_795_505_400_000,
    startTime: 1_795_505_400_003,
    correlationUid: 'correlation-1',
    requestUid: 'request-1',
    payloadVersion: '1.0',
    method: 'GET',
    scheme: 'https',
    hostname: 'api.example.com',
    path: '/orders/7',
    query: '',
    protocol: 'HTTP/1.1',
    headers: [],
    body: EMPTY,
    who: { type: 'anonymous', actor: { user: { name: 'anonymous', type_id: 0, type: 'Unknown' } } },
    source: { ip: '203.0.113.9' },
    trace: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
    ...changes,
  };
}

export const DESTINATION: Destination = {
  routePath: '/orders',
  service: 'orders',
  guarantee: 'BEFORE_RESPONSE',
  hostname: 'orders.internal',
  port: 8080,
};

export const WRITER: WriterFacts = { provider: 'local', productVersion: '0.0.0' };

export function outcomeFacts(changes: Partial<OutcomeFacts> = {}): OutcomeFacts {
  return { endTime: 1_795_505_400_015, statusCode: 200, headers: [], body: EMPTY, forwarded: true, ...changes };
}

/** Uids that count, and a clock that stands. */
export function fixedUidsAndClock(): UidsAndClock {
  let n = 0;
  return { uid: () => `uid-${(n += 1)}`, now: () => 1_795_505_400_020 };
}

/** Attempt and outcome of a request as they are written. */
export function sealedEvents(
  request: Partial<RequestFacts>,
  outcome: Partial<OutcomeFacts> = {},
): readonly [attempt: SealedEvent, outcome: SealedEvent] {
  const chain = new Chain('chain-1');
  const from = fixedUidsAndClock();
  const facts = requestFacts(request);
  return [
    chain.seal(attemptDraft(facts, DESTINATION, WRITER, from)),
    chain.seal(outcomeDraft(facts, DESTINATION, outcomeFacts(outcome), WRITER, from)),
  ];
}

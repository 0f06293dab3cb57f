import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Verification } from '../../bin/verify/verify';
import type { EdgeRecord } from '../../lib/edge-log/record';
import { Chain, type EventDraft, type SealedEvent } from '../../lib/event/chain';
import { NO_INTEGRATION, restRecord } from '../support/edge-record';
import { attempt, outcome, SAMPLE_TIME } from '../support/sample-event';
import { emptyTrail, writeEdge, writeObject } from '../support/sample-trail';
import { sealFolder } from '../support/seal-folder';
import { codesOf, verifyFolder } from '../verify/support';

/**
 * Somebody who can edit events or the edge log before they are sealed, and relinks the chain: neither ledger nor chain
 * tells. One of the two logs contradicts the other.
 */

const HOUR = 3_600_000;
const NOW = SAMPLE_TIME + 2 * HOUR;
const REFUSED: EdgeRecord = { ...NO_INTEGRATION, status: '403', error_response_type: 'ACCESS_DENIED' };

type Change = (draft: EventDraft) => EventDraft;
const asItWas: Change = (draft) => draft;

/** Attempt and outcome of request `n`, as `restRecord(n)` tells of it. */
function requestOf(n: number, change: Change = asItWas): EventDraft[] {
  return [attempt(n), outcome(n)].map((draft) =>
    change({
      ...draft,
      unmapped: { ...draft.unmapped, extended_request_id: `extended-${n}`, invocation_uid: `invocation-${n}` },
    }),
  );
}

function seal(chain: Chain, drafts: readonly EventDraft[]): SealedEvent[] {
  return drafts.map((draft) => chain.seal(draft));
}

interface Trail {
  /** By name of the object; of one hour each. */
  readonly events: Readonly<Record<string, readonly SealedEvent[]>>;
  readonly edge: readonly EdgeRecord[];
}

async function verified(
  { events, edge }: Trail,
  options: { now?: number; edgeLogSince?: number } = {},
): Promise<Verification> {
  const dir = await emptyTrail();
  for (const [name, sealed] of Object.entries(events)) {
    if (sealed.length > 0) await writeObject(dir, name, sealed.map(({ event }) => event)); // prettier-ignore
  }
  if (edge.length > 0) await writeEdge(dir, 'edge', edge);
  await sealFolder(dir);
  return verifyFolder(dir, { now: NOW, ...options });
}

const requests = (count: number) => Array.from({ length: count }, (_, n) => n);

const withPath =
  (path: string): Change =>
  (draft) => ({
    ...draft,
    http_request: { ...draft.http_request!, url: { path } },
  });
const withUnmapped = (changes: Partial<EventDraft['unmapped']>): Change => (draft) => ({
  ...draft,
  unmapped: { ...draft.unmapped, ...changes },
}); // prettier-ignore
const withRequestId =
  (uid: string): Change =>
  (draft) => ({ ...draft, api: { ...draft.api!, request: { uid } } });
const later = (ms: number): Change => (draft) => ({ ...draft, time: draft.time + ms }); // prettier-ignore

/** What somebody edits in the two events of request n, and what comes of it. */
const EDITS: readonly (readonly [Change, string | undefined])[] = [
  [(draft) => ({ ...draft, http_request: { ...draft.http_request!, http_method: 'DELETE' } }), 'method: event DELETE, edge log GET'],
  [withPath('/orders/9'), 'path: event /orders/9, edge log /prod/orders/1'],
  [withPath('/2'), 'path: event /2, edge log /prod/orders/2'],
  [withPath('/[redacted]/x/3'), 'path: event /[redacted]/x/3, edge log /prod/orders/3'],
  [(draft) => ({ ...draft, src_endpoint: { ip: '198.51.100.1' } }), 'source address: event 198.51.100.1, edge log 192.0.2.7'],
  [(draft) => ({ ...draft, ...(draft.unmapped.phase === 'outcome' && { status_code: '403' }) }), 'status: event 403, edge log 200'],
  [withRequestId('other'), 'request id: event other, edge log request-6'],
  [withUnmapped({ invocation_uid: 'other' }), 'invocation: event other, edge log invocation-7'],
  [later(6_000), 'time'],
  // The same, said otherwise.
  [withPath('/orders/[redacted]'), undefined],
  [withPath('/%6frders/10'), undefined],
  [later(1_000), undefined],
  [withRequestId('[redacted]'), undefined],
  [withRequestId(`sha256:${createHash('sha256').update('request-13').digest('hex')}`), undefined],
  [withUnmapped({ invocation_uid: undefined }), undefined],
  [asItWas, undefined],
]; // prettier-ignore

/** Requests of one writer. */
function edited(changes: readonly Change[]): Trail {
  const drafts = changes.flatMap((change, n) => requestOf(n, change));
  return { events: { a: seal(new Chain('writer'), drafts) }, edge: changes.map((_, n) => restRecord(n)) };
}

const TRUE = edited([asItWas, asItWas, asItWas]);

it('finds nothing where both logs tell the same', async () => {
  const { findings, notices } = await verified(TRUE);
  expect(findings).toEqual([]);
  expect(notices.map(({ code }) => code)).toEqual(['KEY_NOT_PINNED', 'NO_EARLIER_CHECKPOINT', 'OPEN_CHAIN']);
});

it('tells of every edited event what it and the edge log disagree on: EDGE_MISMATCH', async () => {
  const { findings } = await verified(edited(EDITS.map(([change]) => change)));
  expect(codesOf({ findings })).toEqual(['EDGE_MISMATCH']);
  const details = new Map(findings.map(({ sequence, detail }) => [Math.floor(sequence! / 2), detail]));
  expect(EDITS.map((_, n) => details.get(n))).toEqual(EDITS.map(([, detail]) => detail));
  // A status is the outcome's alone.
  expect(findings).toHaveLength(2 * 9 - 1);
  expect(findings[0]!.object).toBe('events/dt=2026-11-24/hour=07/a.parquet');
});

describe('a forged chain', () => {
  const forgedWith = (n: number) =>
    seal(
      new Chain('forged'),
      [7, 8, n].flatMap((of) => requestOf(of)),
    );
  const truth = () => seal(new Chain('writer'), requestOf(0));

  it('is found whole where one of its events bears the id of a request that the edge refused', async () => {
    const edge = [restRecord(0), restRecord(2, REFUSED)];
    const { findings, notices } = await verified({ events: { a: truth(), b: forgedWith(2) }, edge });
    expect(findings.map(({ code, sequence }) => `${code}@${sequence}`).sort()).toEqual([
      'EDGE_MISMATCH@4',
      'EDGE_MISMATCH@5',
      ...requests(4).map((sequence) => `UNWITNESSED_EVENT@${sequence}`),
    ]);
    expect(findings.find(({ code }) => code === 'EDGE_MISMATCH')?.detail).toMatch(/^the function never ran: refused/);
    expect(notices.map(({ code }) => code)).not.toContain('UNWITNESSED_EVENT');
  });

  it('is found where the request that it bears came otherwise', async () => {
    const edge = [restRecord(0), restRecord(2, { method: 'POST' })];
    const { findings } = await verified({ events: { a: truth(), b: forgedWith(2) }, edge });
    expect(codesOf({ findings })).toEqual(['EDGE_MISMATCH', 'UNWITNESSED_EVENT']);
  });

  it('is found where somebody adds the record that it needs', async () => {
    const edge = [restRecord(0), restRecord(0, { method: 'DELETE', extended_request_id: 'extended-0' })];
    const { findings } = await verified({ events: { a: truth() }, edge });
    expect(codesOf({ findings })).toEqual(['EDGE_CONFLICT', 'EDGE_MISMATCH']);
  });

  it('is found where somebody adds a record that differs in what no view shows', async () => {
    const edge = [restRecord(0), restRecord(0, { response_length: '1' })];
    expect(codesOf(await verified({ events: { a: truth() }, edge }))).toEqual(['EDGE_CONFLICT']);
  });
});

describe('an event of a time of which there is no edge log', () => {
  const forgedAt = (...times: number[]): Trail => {
    const objects = times.map((time, i) => [`forged-${i}`, seal(new Chain(`forged-${i}`), requestOf(70 + i, (draft) => ({ ...draft, time })))]); // prettier-ignore
    return { ...TRUE, events: { ...TRUE.events, ...Object.fromEntries(objects) as Trail['events'] } }; // prettier-ignore
  };
  const DAYS_400 = 400 * 24 * HOUR;

  it('is EDGE_LOG_MISSING: an hour later, before its first record, 400 days ago', async () => {
    const { findings } = await verified(forgedAt(SAMPLE_TIME + HOUR, SAMPLE_TIME - HOUR, SAMPLE_TIME - DAYS_400));
    expect(findings.map(({ code, dt, hour, detail }) => [code, dt, hour, detail])).toEqual([
      ['EDGE_LOG_MISSING', '2025-10-20', '07', 'events of requests: 2, all before the first record of the edge log'],
      ['EDGE_LOG_MISSING', '2026-11-24', '06', 'events of requests: 2, all before the first record of the edge log'],
      ['EDGE_LOG_MISSING', '2026-11-24', '08', 'events of requests: 2'],
    ]);
    expect(findings[0]!.object).toMatch(/forged-2\.parquet$/);
  });

  it('is UNWITNESSED_EVENT in the hour of the first record, and before that', async () => {
    const half = (draft: EventDraft) => ({ ...draft, time: draft.time + HOUR / 2 });
    const events = { a: seal(new Chain('writer'), requestOf(0, half)), b: seal(new Chain('forged'), requestOf(7)) };
    const edge = [restRecord(0, { request_time_epoch: String(SAMPLE_TIME + HOUR / 2) })];
    expect(codesOf(await verified({ events, edge }))).toEqual(['UNWITNESSED_EVENT']);
  });

  it('is none where the edge log was turned on later, and the verifier says so', async () => {
    const { findings } = await verified(forgedAt(SAMPLE_TIME - HOUR), { edgeLogSince: SAMPLE_TIME });
    expect(findings).toEqual([]);
  });

  it('is TIME_OUT_OF_RANGE: a day and six minutes ahead', async () => {
    const { findings } = await verified(forgedAt(NOW + 24 * HOUR, NOW + 6 * 60_000));
    expect(codesOf({ findings })).toEqual(['TIME_OUT_OF_RANGE']);
    expect(findings).toHaveLength(4);
  });

  it('is found with all records of an hour removed', async () => {
    const { events } = TRUE;
    const elsewhere = restRecord(9, { ...REFUSED, request_time_epoch: String(SAMPLE_TIME + HOUR) });
    expect(codesOf(await verified({ events, edge: [elsewhere] }))).toEqual(['EDGE_LOG_MISSING']);
  });
});

describe('requests whose events are missing', () => {
  const all = requests(6).flatMap((n) => requestOf(n));
  const edge = requests(7).map((n) => restRecord(n));
  const unaudited = ({ findings }: Verification) => findings.filter(({ code }) => code === 'UNAUDITED_REQUEST').length;

  it('are UNAUDITED_REQUEST where the tail of a chain was cut, whatever another chain names', async () => {
    const other = new Chain('other');
    for (const sealed of seal(other, [...Array(50).keys()].map((n) => requestOf(1_000 + n)[0]!))) other.noteUnconfirmed(sealed);
    const naming = other.seal(requestOf(6)[0]!);
    const cut = seal(new Chain('writer'), all).slice(0, 4);
    const verification = await verified({ events: { a: cut, b: [naming] }, edge });
    expect(naming.event.unmapped.unconfirmed).toHaveLength(50);
    expect(unaudited(verification)).toBe(4);
  }); // prettier-ignore

  it('are UNAUDITED_REQUEST where a forged chain names these very requests, and has no gap for them', async () => {
    const chain = new Chain('forged');
    const cut = seal(new Chain('writer'), all);
    for (const sealed of cut.slice(4)) chain.noteUnconfirmed(sealed);
    const naming = chain.seal(requestOf(6)[0]!);
    expect(unaudited(await verified({ events: { a: cut.slice(0, 4), b: [naming] }, edge }))).toBe(4);
  });

  it('are a notice where their own writer named them, and they are missing there', async () => {
    const chain = new Chain('writer');
    const events = seal(chain, all.slice(0, 8));
    const lost = seal(chain, all.slice(8, 10));
    for (const sealed of lost) chain.noteUnconfirmed(sealed);
    events.push(...seal(chain, all.slice(10)));
    const { findings, notices } = await verified({ events: { a: events }, edge: edge.slice(0, 6) });
    expect(findings).toEqual([]);
    expect(notices.map(({ code }) => code)).toEqual(expect.arrayContaining(['UNCONFIRMED', 'UNAUDITED_REQUEST']));
  });
});

import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../bin/doctor/check';
import type { Locks } from '../../bin/doctor/doctored-trail';
import { ServiceError } from '../../bin/aws/service-error';
import { examine } from '../../bin/doctor/examine';
import { stackTrail, type StackServices } from '../../bin/doctor/stack-trail';
import type { BucketVersion, VersionedBucket } from '../../bin/aws/versioned-bucket';
import { Chain } from '../../lib/event/chain';
import { fallbackKey } from '../../lib/event/keys';
import { noteVerifier } from '../../lib/ledger';
import { outcome } from '../support/sample-event';

const NOW = Date.UTC(2026, 10, 24, 7, 30);
const PATH = '/audit-proxy-doctor/1';
const DAY_MS = 86_400_000;
const VKEY = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';

interface Choices {
  readonly lock?: Awaited<ReturnType<Locks['lock']>>;
  readonly retention?: number | undefined;
  readonly delete?: 'denied' | 'done';
  readonly shorten?: 'denied' | 'done';
  /** Milliseconds after which the object is there. */
  readonly arrivesAfter?: number;
  readonly counts?: readonly [string, string];
  readonly status?: number;
  readonly requestId?: string | undefined;
  /** Of the event. */
  readonly path?: string;
  /** What Athena says in place of an answer. */
  readonly refusal?: Error;
}

/** A trail with the canary's event in one object, which is not sealed. */
function trailOf(choices: Choices, now: () => number, calls: string[]) {
  const event = new Chain('chain-1').seal(
    outcome(1, {
      time: NOW,
      api: { operation: 'GET /', request: { uid: 'request-1' } },
      http_request: { http_method: 'GET', url: { path: choices.path ?? PATH } },
    }),
  );
  const version: BucketVersion = {
    key: fallbackKey(NOW, 'event-1'),
    versionId: 'v1',
    size: 1,
    lastModified: NOW + 60_000,
    isDeleteMarker: false,
  };
  const bucket: VersionedBucket = {
    name: 'trail',
    level: () => Promise.reject(new Error('not asked')),
    versions: async function* (prefix) {
      const isThere = now() >= NOW + (choices.arrivesAfter ?? 0);
      if (isThere && version.key.startsWith(prefix)) yield version;
    },
    get: (key) =>
      Promise.resolve(
        key !== version.key
          ? undefined
          : {
              bytes: (async function* () {
                yield Buffer.from(`${event.line}\n`);
              })(),
              lock: { mode: undefined, retainUntil: undefined },
            },
      ),
    lock: () => Promise.resolve(choices.lock ?? { mode: 'COMPLIANCE', retainUntil: NOW + 60_000 + 365 * DAY_MS }),
    defaultRetention: () => Promise.resolve('retention' in choices ? choices.retention : 365 * DAY_MS),
  };
  const services: StackServices = {
    bucket,
    forbidden: {
      delete: (key, versionId) => (
        calls.push(`delete ${key} ${versionId}`),
        Promise.resolve(choices.delete ?? 'denied')
      ),
      shorten: (_, __, until) => (calls.push(`shorten ${until}`), Promise.resolve(choices.shorten ?? 'denied')),
    },
    athena: {
      firstRow: (_, parameters) => {
        calls.push(`query ${parameters.join(' ')}`);
        if (choices.refusal !== undefined) return Promise.reject(choices.refusal);
        return Promise.resolve(choices.counts ?? ['1', '1']);
      },
    },
    key: noteVerifier(VKEY),
  };
  return stackTrail(services);
}

async function run(choices: Choices = {}) {
  let time = NOW;
  const now = () => time;
  const calls: string[] = [];
  const requestId = 'requestId' in choices ? choices.requestId : 'request-1';
  const results = await examine({
    trail: trailOf(choices, now, calls),
    send: () =>
      Promise.resolve({ path: PATH, status: choices.status ?? 404, requestId, sentAt: NOW, answeredAt: NOW + 20 }),
    patience: {
      now,
      sleep: (milliseconds) => Promise.resolve((time += milliseconds)),
      deadline: NOW + 300_000,
      interval: 10_000,
      waiting: () => undefined,
    },
  });
  const by = Object.fromEntries(results.map((result) => [result.name, result])) as Record<CheckResult['name'], CheckResult>; // prettier-ignore
  return { results, by, calls, waited: time - NOW };
}

describe('a canary', () => {
  it('that everything is true of passes every check but that of a ledger that is not there', async () => {
    const { results, by, calls, waited } = await run();
    expect(results.filter(({ outcome }) => outcome !== 'ok').map(({ name }) => name)).toEqual(['seal']);
    expect(by.seal).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('no ledger yet') });
    const query = 'query 2026-11-24 07 request-1 2026-11-24 07 request-1';
    const [deleting, shortening] = [`delete ${fallbackKey(NOW, 'event-1')} v1`, `shorten ${NOW + 365 * DAY_MS}`];
    expect(calls).toEqual([query, deleting, shortening, query]);
    expect(waited).toBe(300_000);
  });

  it('is waited for', async () => {
    const { by } = await run({ arrivesAfter: 120_000 });
    expect(by.arrival).toMatchObject({ outcome: 'ok', detail: expect.stringContaining('after 60 s') });
  });

  it('that never arrives leaves the rest unchecked, and nothing is tried on any object', async () => {
    const { by, calls, results } = await run({ arrivesAfter: Infinity });
    expect(by.arrival).toMatchObject({ outcome: 'failed', advice: expect.stringContaining('errors/') });
    expect(results.filter(({ outcome }) => outcome === 'not_checked')).toHaveLength(7);
    expect(calls).toEqual([]);
  });

  it.each<[string, Choices, CheckResult['name'], string]>([
    ['is not let in', { status: 403, requestId: undefined }, 'request', 'answered with 403 and without x-request-id'],
    ['has no lock', { lock: { mode: undefined, retainUntil: undefined } }, 'lock', 'not locked'],
    ['is locked in GOVERNANCE mode', { lock: { mode: 'GOVERNANCE', retainUntil: NOW + 400 * DAY_MS } }, 'lock', 'locked in GOVERNANCE mode'], // prettier-ignore
    ['is locked for too short', { lock: { mode: 'COMPLIANCE', retainUntil: NOW + DAY_MS } }, 'lock', 'locked until 2026-11-25T07:30:00.000Z, promised until 2027-11-24'], // prettier-ignore
    ['lies in a bucket that locks nothing', { retention: undefined }, 'default_lock', 'no default retention'],
    ['can be deleted', { delete: 'done' }, 'delete', 'deleting its version was not denied'],
    ['can have its lock shortened', { shorten: 'done' }, 'shorten', 'was not denied'],
    ['cannot be queried', { counts: ['0', '1'] }, 'query', 'audit_events does not have it'],
    ['is not in the edge log', { counts: ['1', '0'] }, 'edge_log', 'edge_requests does not have it'],
  ])('that %s fails that check, with what to do', async (_, choices, name, detail) => {
    const { by } = await run(choices);
    expect(by[name]).toMatchObject({ outcome: 'failed', detail: expect.stringContaining(detail) });
    expect(by[name].advice).not.toBe('');
  });

  it.each([
    { mode: undefined, retainUntil: undefined },
    { mode: 'GOVERNANCE', retainUntil: NOW + 400 * DAY_MS },
    { mode: 'COMPLIANCE', retainUntil: NOW },
  ])('whose object nothing holds (%o) is not tried to be deleted: events of others lie beside it', async (lock) => {
    const { by, calls } = await run({ lock, delete: 'done', shorten: 'done' });
    expect(calls.filter((call) => !call.startsWith('query'))).toEqual([]);
    expect([by.delete.outcome, by.shorten.outcome]).toEqual(['not_checked', 'not_checked']);
    expect(by.lock.outcome).toBe('failed');
  });

  it('is not taken for an event to which a caller gave the same request id', async () => {
    const { by } = await run({ path: '/orders' });
    expect(by.arrival.outcome).toBe('failed');
  });

  it('of which a service refuses to tell fails what it was asked for, and passes the rest', async () => {
    const refusal = new ServiceError('workgroup w: AccessDenied (this needs athena:StartQueryExecution)', 'AccessDenied', false); // prettier-ignore
    const { by } = await run({ refusal });
    for (const name of ['query', 'edge_log'] as const) {
      expect(by[name]).toMatchObject({
        outcome: 'failed',
        detail: expect.stringContaining('athena:StartQueryExecution'),
      });
    }
    expect([by.lock.outcome, by.delete.outcome, by.shorten.outcome]).toEqual(['ok', 'ok', 'ok']);
  });
});

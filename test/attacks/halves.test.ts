import { expect, it } from 'vitest';
import { toParquet } from '../../bin/local/delivery/parquet';
import { edgeRecordStruct } from '../../lib/edge-log/columns';
import { Chain } from '../../lib/event/chain';
import type { AuditEvent } from '../../lib/event/schema';
import { NO_INTEGRATION, restRecord } from '../support/edge-record';
import { attempt, outcome } from '../support/sample-event';
import { emptyTrail, writeBytes, writeEdge, writeObject } from '../support/sample-trail';
import { sealFolder } from '../support/seal-folder';
import { codesOf, verifyFolder } from '../verify/support';
import { relinked } from './random/edits';

/** Somebody who edits an event before it is sealed and links its chain anew, and leaves another event that tells of it. */

const who = (event: AuditEvent): AuditEvent => ({ ...event, actor: { user: { name: 'mallory', uid: 'mallory' } } });

async function found(events: readonly AuditEvent[], requests: number) {
  const dir = await emptyTrail();
  await writeObject(dir, 'a', events);
  await writeEdge(
    dir,
    'edge',
    [...Array(requests).keys()].map((n) => restRecord(n)),
  );
  await sealFolder(dir);
  return verifyFolder(dir);
}

const ids = (n: number) => ({ extended_request_id: `extended-${n}` });
const drafts = (n: number) =>
  [attempt(n), outcome(n)].map((draft) => ({ ...draft, unmapped: { ...draft.unmapped, ...ids(n) } }));

it('who asked, changed in the attempt or the outcome alone, is OUTCOME_MISMATCH', async () => {
  for (const half of [0, 1]) {
    const chain = new Chain('writer');
    const events = [0, 1].flatMap(drafts).map((draft) => chain.seal(draft).event);
    const { findings } = await found(relinked(events.map((event, i) => (i === half ? who(event) : event)), true), 2); // prettier-ignore
    expect(findings.map(({ code, sequence }) => [code, sequence]).sort()).toEqual([
      ['OUTCOME_MISMATCH', 0],
      ['OUTCOME_MISMATCH', 1],
    ]);
    expect(findings[0]!.object).toBe('events/dt=2026-11-24/hour=07/a.parquet');
  }
});

it('an unconfirmed event that came to rest, changed, is CHAIN_BROKEN by the event that names it', async () => {
  const chain = new Chain('writer');
  const sealed = drafts(0).map((draft) => chain.seal(draft));
  for (const one of sealed) chain.noteUnconfirmed(one);
  const events = [...sealed, ...drafts(1).map((draft) => chain.seal(draft))].map(({ event }) => event);
  const edited = relinked(events.map((event, i) => (i < 2 ? who(event) : event)), false); // prettier-ignore
  expect(codesOf(await found(edited, 2))).toEqual(['CHAIN_BROKEN']);
  expect(codesOf(await found(events, 2))).toEqual([]);
});

it('a record of the edge log in another hour is MISPLACED_EVENT', async () => {
  const dir = await emptyTrail();
  const refused = restRecord(9, { ...NO_INTEGRATION, status: '403', error_response_type: 'ACCESS_DENIED' });
  await writeObject(dir, 'a', drafts(0).map((draft) => new Chain(draft.unmapped.phase!).seal(draft).event).slice(0, 1)); // prettier-ignore
  await writeEdge(dir, 'edge', [restRecord(0)]);
  const bytes = toParquet([refused], edgeRecordStruct);
  await writeBytes(dir, 'edge/dt=2026-11-24/hour=08/moved.parquet', bytes);
  await sealFolder(dir);
  const { findings } = await verifyFolder(dir);
  expect(findings.map(({ code, dt, hour, detail }) => [code, dt, hour, detail])).toEqual([
    [
      'MISPLACED_EVENT',
      '2026-11-24',
      '08',
      'record of the edge log of hour 2026-11-24 07, extended request id extended-9',
    ],
  ]);
});

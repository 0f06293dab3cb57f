import { existsSync, realpathSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { makeTables } from '../../bin/verify/events/kept';
import { Intake } from '../../bin/verify/events/intake';
import * as filling from '../../bin/verify/events/fill';
import { verifyEventsAlone } from '../../bin/verify/events-alone';
import { localStore } from '../../bin/verify/trail/local-store';
import type { TrailStore } from '../../bin/verify/trail/trail-store';
import { WorkRoom } from '../../bin/verify/work/work-room';
import { Chain } from '../../lib/event/chain';
import { sealRequest } from '../support/sample-events';
import { emptyTrail, writeBytes, writeFallback, writeObject } from '../support/sample-trail';

const MEBI = 1024 * 1024;

it('decodes objects in batches of bounded bytes and number, and removes scratch files after each', async () => {
  const fill = vi.spyOn(filling, 'fill').mockResolvedValue(undefined);
  const room = await WorkRoom.open();
  try {
    await makeTables(room);
    const intake = new Intake(room);
    const looked = { isBounded: true };
    const key = (n: number) => `events/dt=2026-11-24/hour=07/${n}.parquet`;
    for (let n = 0; n < 5; n++)
      await intake.take({ key: key(n), file: `/none/${n}`, bytes: 6 * MEBI, isScratch: false, looked });
    for (let n = 5; n < 605; n++)
      await intake.take({ key: key(n), file: `/none/${n}`, bytes: 1, isScratch: false, looked });
    await intake.finish();
    expect(fill.mock.calls.map(([, , objects]) => objects.length)).toEqual([3, 500, 102]);
  } finally {
    fill.mockRestore();
    await room.close();
  }
});

it('names what is unreadable in a batch, and keeps the others, each with its object', async () => {
  const dir = await emptyTrail();
  const chain = new Chain('writer');
  for (let n = 0; n < 6; n++) {
    const sealed = sealRequest(chain);
    if (n % 2 === 0)
      await writeObject(dir, `${n}`, sealed.map(({ event }) => event)); // prettier-ignore
    else await writeFallback(dir, `${n}`, sealed);
  }
  const damaged = await writeBytes(dir, 'events/dt=2026-11-24/hour=07/damaged.parquet', 'PAR1 nothing PAR1');
  // Would it be taken as it stands, the row would be one of another object.
  const forged = await writeBytes(dir, 'fallback/dt=2026-11-24/hour=07/forged.json', '{}},{"object_id":1,"event":{}\n');
  const { totals, findings } = await verifyEventsAlone(localStore(realpathSync(dir)));
  expect(findings.map(({ code, object }) => `${code} ${object}`).sort()).toEqual([
    `OBJECT_UNREADABLE ${damaged}`,
    `OBJECT_UNREADABLE ${forged}`,
  ]);
  expect(totals).toMatchObject({ objects: 6, events: 12, chains: 1 });
});

it('reads a trail without files by way of scratch files, each object once, and leaves nothing behind', async () => {
  const dir = realpathSync(await emptyTrail());
  const chain = new Chain('writer');
  const [first, second] = [sealRequest(chain), sealRequest(chain)];
  await writeObject(dir, 'a', first.map(({ event }) => event)); // prettier-ignore
  await writeFallback(dir, 'b', second);
  const { fileOf: _, ...local } = localStore(dir);
  const reads: string[] = [];
  const store: TrailStore = { ...local, read: (version) => (reads.push(version.key), local.read(version)) };
  const opened = vi.spyOn(WorkRoom, 'open');
  const { totals, findings } = await verifyEventsAlone(store);
  const room = await (opened.mock.results[0]!.value as Promise<WorkRoom>);
  opened.mockRestore();
  expect(findings).toEqual([]);
  expect(totals).toMatchObject({ objects: 2, events: 4, chains: 1 });
  expect(reads.sort()).toHaveLength(2);
  expect(existsSync(room.scratch())).toBe(false);
});

it('keeps of which object an event is', async () => {
  const dir = realpathSync(await emptyTrail());
  const chain = new Chain('writer');
  const [attempt, outcome] = sealRequest(chain);
  await writeObject(dir, 'a', [attempt.event]);
  await writeFallback(dir, 'b', [{ ...outcome, line: outcome.line.replace('alice', 'bobby') }]);
  const { findings } = await verifyEventsAlone(localStore(dir));
  expect(findings).toMatchObject([
    { code: 'FINGERPRINT_MISMATCH', object: 'fallback/dt=2026-11-24/hour=07/b.json', uid: outcome.uid },
  ]);
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { lockFolder } from '../../../bin/local/delivery/folder-lock';
import { verifyEventsAlone } from '../../../bin/verify/events-alone';
import { localStore } from '../../../bin/verify/trail/local-store';
import { LocalTrailDestination } from '../../../bin/recover/destinations/local-trail';
import { Chain, type SealedEvent } from '../../../lib/event/chain';
import { fallbackKey } from '../../../lib/event/keys';
import { keysIn } from '../../local/delivery/support';
import { attempt, closing } from '../../support/sample-event';
import { emptyTrail, writeBytes, writeFallback, writeObject } from '../../support/sample-trail';

/** A closed chain, of which the trail has the ends: 0 in Parquet, 4 by the fallback. */
let chain: [SealedEvent, SealedEvent, SealedEvent, SealedEvent, SealedEvent];
let dir: string;
beforeEach(async () => {
  const writer = new Chain('writer');
  const seal = (n: number, time = n) => writer.seal(attempt(n, { time: Date.UTC(2026, 10, 24, 7) + time }));
  chain = [seal(0), seal(1), seal(2, 3_600_000), seal(3), writer.seal(closing())];
  dir = await emptyTrail();
  await writeObject(dir, 'a', [chain[0].event]);
  await writeFallback(dir, 'b', [chain[4]]);
});

const keyOf = ({ event, uid }: SealedEvent) => fallbackKey(event.time, uid);

async function replay(events: readonly SealedEvent[], dryRun = false) {
  const destination = await LocalTrailDestination.open(dir, dryRun);
  try {
    return await destination.replay(events);
  } finally {
    await destination.close();
  }
}

async function findings() {
  return (await verifyEventsAlone(localStore(dir))).findings.map(({ code }) => code);
}

/** Another event with the uid of this one. */
function forged({ event }: SealedEvent): SealedEvent {
  const { uid } = event.metadata;
  return new Chain('forged').seal(attempt(9, { time: event.time, metadata: { ...attempt(9).metadata, uid } }));
}

describe('a local trail', () => {
  it('takes what it lacks, once, and its chain is closed again', async () => {
    expect(await findings()).toEqual(['CHAIN_GAP']);
    const [, one, two, three] = chain;
    expect(await replay([three, one, two])).toEqual(['recovered', 'recovered', 'recovered']);
    expect(readFileSync(path.join(dir, keyOf(two)), 'utf8')).toBe(`${two.line}\n`);
    expect(await findings()).toEqual([]);

    const before = keysIn(dir, 'fallback');
    expect(await replay(chain)).toEqual(chain.map(() => 'already in the trail'));
    expect(keysIn(dir, 'fallback')).toEqual(before);
    expect(before).toHaveLength(4);
  });

  it('refuses another event with a uid that it has, wherever that lies, and writes neither', async () => {
    const [zero, one] = chain;
    const other = forged(zero);
    expect(await replay([other, one, forged(one)])).toEqual([
      {
        problem: 'refused',
        uid: other.uid,
        fingerprint: other.fingerprint,
        detail: expect.stringContaining(`(fingerprint ${zero.fingerprint}): at least one is forged`) as string,
      },
      'recovered',
      expect.objectContaining({ problem: 'refused', uid: one.uid }),
    ]);
    expect(existsSync(path.join(dir, keyOf(other)))).toBe(false);
    expect(readFileSync(path.join(dir, keyOf(one)), 'utf8')).toBe(`${one.line}\n`);
  });

  it('writes nothing in a dry run, and says what it would', async () => {
    const before = readdirSync(dir, { recursive: true });
    expect(await replay(chain, true)).toEqual([
      'already in the trail',
      'recovered',
      'recovered',
      'recovered',
      'already in the trail',
    ]);
    expect(readdirSync(dir, { recursive: true })).toEqual(before);
  });

  it('takes events beside a damaged object', async () => {
    await writeBytes(dir, 'events/dt=2026-11-24/hour=07/damaged.parquet', 'PAR1');
    expect(await replay(chain.slice(0, 2))).toEqual(['already in the trail', 'recovered']);
  });

  it('leaves what a running pipeline is about to write alone, and nothing of its own behind', async () => {
    await mkdir(path.join(dir, '.staging'));
    await writeFile(path.join(dir, '.staging', 'half'), 'half');
    const pipeline = await lockFolder(path.join(dir, '.staging'));
    onTestFinished(pipeline);
    expect(await replay([chain[1]])).toEqual(['recovered']);
    expect(readdirSync(dir).sort()).toEqual(['.staging', 'events', 'fallback']);
    expect(readFileSync(path.join(dir, '.staging', 'half'), 'utf8')).toBe('half');
  });

  it('is recovered by one at a time', async () => {
    const first = await LocalTrailDestination.open(dir, false);
    await expect(LocalTrailDestination.open(dir, false)).rejects.toThrow(`another recovery is at work in ${dir}`);
    expect(await first.replay([chain[1]])).toEqual(['recovered']);
    await first.close();
    expect(await replay([chain[1]])).toEqual(['already in the trail']);
  });

  it('clears away what a recovery left that was killed', async () => {
    await mkdir(path.join(dir, '.recovery', 'staging'), { recursive: true });
    await writeFile(path.join(dir, '.recovery', 'staging', 'half'), 'half');
    expect(await replay([chain[1]])).toEqual(['recovered']);
    expect(existsSync(path.join(dir, '.recovery'))).toBe(false);
  });

  it('must be there', async () => {
    await expect(LocalTrailDestination.open(path.join(dir, 'none'), false)).rejects.toThrow('no trail in');
    expect(existsSync(path.join(dir, 'none'))).toBe(false);
  });
});

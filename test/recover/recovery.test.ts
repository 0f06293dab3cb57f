import { describe, expect, it } from 'vitest';
import { recover, type Destination, type Found, type Replayed } from '../../bin/recover/recovery';
import { Chain, type SealedEvent } from '../../lib/event/chain';
import { attempt } from '../support/sample-event';

const chain = new Chain('chain-1');
const sealed = Array.from({ length: 2_500 }, (_, n) => chain.seal(attempt(n)));

async function* found(items: readonly Found[]): AsyncIterable<Found> {
  await Promise.resolve();
  yield* items;
}

function destination(answer: (event: SealedEvent) => Replayed = () => 'recovered') {
  const batches: SealedEvent[][] = [];
  const replay: Destination['replay'] = (events) => {
    batches.push([...events]);
    return Promise.resolve(events.map(answer));
  };
  return { replay, batches };
}

describe('a recovery', () => {
  it('replays everything that was found, a batch at a time, and says how far it is', async () => {
    const to = destination();
    const progress: number[] = [];
    const recovery = await recover(found(sealed), to, ({ recovered }) => progress.push(recovered));
    expect(recovery).toEqual({ found: 2_500, recovered: 2_500, alreadyInTrail: 0, unrecovered: [] });
    expect(to.batches.flat()).toEqual(sealed);
    expect(to.batches.map(({ length }) => length)).toEqual([2_000, 500]);
    expect(progress).toEqual([2_000, 2_500]);
  });

  it('makes batches small where events are large', async () => {
    const large = Array.from({ length: 5 }, (_, n) => ({ ...sealed[n]!, line: 'x'.repeat(6 * 1024 * 1024) }));
    const to = destination();
    await recover(found(large), to);
    expect(to.batches.map(({ length }) => length)).toEqual([3, 2]);
  });

  it('counts how each ended, and keeps what could not be recovered', async () => {
    const broken: Found = { problem: 'broken', detail: 'cut', from: 'a.log' };
    const refused: Replayed = { problem: 'refused', uid: 'attempt-2', detail: 'another event' };
    const answers: Readonly<Record<string, Replayed>> = { 'attempt-1': 'already in the trail', 'attempt-2': refused };
    const to = destination(({ uid }) => answers[uid] ?? 'recovered');
    expect(await recover(found([broken, ...sealed.slice(0, 4)]), to)).toEqual({
      found: 4,
      recovered: 2,
      alreadyInTrail: 1,
      unrecovered: [broken, refused],
    });
  });

  it('has nothing to do where nothing is found', async () => {
    const nothing = { found: 0, recovered: 0, alreadyInTrail: 0, unrecovered: [] };
    expect(await recover(found([]), destination())).toEqual(nothing);
  });
});

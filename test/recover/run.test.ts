import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../bin/aws/service-error';
import type { RecordBatches } from '../../bin/recover/aws/services';
import type { Plan } from '../../bin/recover/plan';
import { runPlan, type AwsServices, type Surroundings } from '../../bin/recover/run';
import { Chain } from '../../lib/event/chain';
import { lastResortLines } from '../../lib/event/last-resort';
import { attempt } from '../support/sample-event';

const chain = new Chain('chain-1');
const log = Array.from({ length: 2_500 }, (_, n) => lastResortLines(chain.seal(attempt(n)), 'why')[0]).join('\n');
const plan: Plan = { source: { kind: 'files', files: ['-'] }, destination: { kind: 'streams', streams: ['s'] } };

const unasked = () => {
  throw new Error('not to be asked');
};

function surroundings(batches?: RecordBatches): Surroundings & { shown: string[] } {
  const aws: AwsServices = { batches: () => batches ?? unasked(), logs: unasked, bucket: unasked };
  const shown: string[] = [];
  async function* stdin() {
    await Promise.resolve();
    yield Buffer.from(log);
  }
  return {
    aws: () => (batches === undefined ? unasked() : Promise.resolve(aws)),
    stdin: stdin(),
    progress: { show: (text) => shown.push(text), end: () => shown.push('end') },
    shown,
  };
}

describe('a planned recovery', () => {
  it('asks nothing of AWS in a dry run, and says what it would do', async () => {
    const around = surroundings();
    expect(await runPlan(plan, true, around)).toEqual({
      recovery: { found: 2_500, recovered: 2_500, alreadyInTrail: 0, unrecovered: [] },
      source: '-',
      destination: 'delivery stream s',
    });
    expect(around.shown).toEqual([
      '2000 of 2000 events are in the trail',
      '2500 of 2500 events are in the trail',
      'end',
    ]);
  });

  it('says how much it has done where it cannot go on', async () => {
    const denied = new ServiceError('delivery stream s: AccessDeniedException: no', 'AccessDeniedException', false);
    let calls = 0;
    const putBatch: RecordBatches['putBatch'] = (_, records) =>
      (calls += 1) > 4 ? Promise.reject(denied) : Promise.resolve(records.map(() => undefined));
    const around = surroundings({ putBatch });
    await expect(runPlan(plan, false, around)).rejects.toThrow(
      'delivery stream s: AccessDeniedException: no (2000 events were recovered before)',
    );
    expect(around.shown.at(-1)).toBe('end');

    calls = 4;
    await expect(runPlan(plan, false, surroundings({ putBatch }))).rejects.toBe(denied);
  });
});

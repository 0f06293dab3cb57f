import { appendFileSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { EdgeJournal, undeliveredRequests } from '../../../bin/local/edge-log/edge-journal';
import { NO_INTEGRATION, restRecord } from '../../support/edge-record';
import { emptyTrail } from '../../support/sample-trail';

const id = (n: number) => `extended-${n}`;
const cut = (n: number) => restRecord(n, { ...NO_INTEGRATION, status: '-' });
const fileIn = (dir: string) => path.join(dir, 'edge-log.journal');

/** What the next gateway finds. */
function leftIn(dir: string): unknown[] {
  const { journal, left } = EdgeJournal.open(dir);
  journal.close();
  return left.map(({ line }) => JSON.parse(line.toString()) as unknown);
}

it('leaves a gateway that comes after a killed one the records that are not delivered, each as far as it came', async () => {
  const dir = await emptyTrail();
  const { journal, left } = EdgeJournal.open(dir);
  expect(left).toEqual([]);
  for (let n = 0; n < 3; n += 1) journal.begin(id(n), cut(n));
  journal.end(id(0), restRecord(0));
  journal.end(id(1), restRecord(1));
  journal.forget([id(0)]);
  // The last line of a machine without power.
  appendFileSync(fileIn(dir), '["ended","extended-2",{"requ');
  expect([...undeliveredRequests(dir)]).toEqual([id(1), id(2)]);
  for (let starts = 0; starts < 2; starts += 1) expect(leftIn(dir)).toEqual([restRecord(1), cut(2)]);
});

it('is empty once all is delivered, and grows no further than with what is pending', async () => {
  const dir = await emptyTrail();
  const { journal } = EdgeJournal.open(dir);
  const large = { integration_error: 'x'.repeat(200_000) };
  journal.begin(id(0), cut(0));
  for (let n = 1; n < 200; n += 1) {
    journal.begin(id(n), cut(n));
    journal.end(id(n), restRecord(n, large));
    journal.forget([id(n)]);
  }
  expect(statSync(fileIn(dir)).size).toBeLessThan(17 * 1024 * 1024);
  expect([...undeliveredRequests(dir)]).toEqual([id(0)]);
  journal.forget([id(0)]);
  expect(readFileSync(fileIn(dir), 'utf8')).toBe('');
});

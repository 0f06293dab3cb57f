import { describe, expect, it } from 'vitest';
import { errorLine } from '../../../bin/local/delivery/error-record';
import { ConversionError } from '../../../bin/local/delivery/openx';
import type { Found } from '../../../bin/recover/recovery';
import { LocalErrorObjects, undelivered } from '../../../bin/recover/sources/error-objects';
import { Chain, type SealedEvent } from '../../../lib/event/chain';
import { record } from '../../local/delivery/support';
import { attempt } from '../../support/sample-event';
import { emptyTrail, writeBytes } from '../../support/sample-trail';

const chain = new Chain('chain-1');
const [a, b, c] = [0, 1, 2].map((n) => chain.seal(attempt(n))) as [SealedEvent, SealedEvent, SealedEvent];

function lines(...contents: (SealedEvent | string)[]): string {
  const error = new ConversionError('DataFormatConversion.MalformedData', 'no');
  const data = contents.map((content) => (typeof content === 'string' ? content : `${content.line}\n`));
  return data.map((text) => errorLine(record(text), '1', error, 0)).join('');
}

async function all(source: AsyncIterable<Found>): Promise<Found[]> {
  const found: Found[] = [];
  for await (const one of source) found.push(one);
  return found;
}

describe('what could not be delivered', () => {
  it('is each event once, and each record that is none', async () => {
    const dir = await emptyTrail();
    await writeBytes(dir, 'errors/format-conversion-failed/dt=2026-11-24/hour=07/x', lines(a, 'garbage', b));
    await writeBytes(dir, 'errors/metadata-extraction-failed/dt=2026-11-24/hour=08/y', lines(b, c) + '\n');
    await writeBytes(dir, 'events/dt=2026-11-24/hour=08/z', lines(a));
    const objects = new LocalErrorObjects(dir);
    expect(await all(undelivered(objects, 'errors/'))).toEqual([
      a,
      expect.objectContaining({
        problem: 'no event',
        detail: 'DataFormatConversion.MalformedData: no; it is no JSON',
        from: 'errors/format-conversion-failed/dt=2026-11-24/hour=07/x',
      }),
      b,
      c,
    ]);
    expect(await all(undelivered(objects, 'errors/metadata'))).toEqual([b, c]);
  });

  it('is nothing where there are no errors', async () => {
    expect(await all(undelivered(new LocalErrorObjects(await emptyTrail()), 'errors/'))).toEqual([]);
  });
});

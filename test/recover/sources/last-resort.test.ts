import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { LogMessages, LogPage, LogRequest } from '../../../bin/recover/aws/services';
import { RecoveryError, type Found } from '../../../bin/recover/recovery';
import { fileLines, lastResortEvents } from '../../../bin/recover/sources/last-resort';
import { logGroupLines } from '../../../bin/recover/sources/log-group';
import { Chain } from '../../../lib/event/chain';
import { LAST_RESORT_MARK, lastResortLines } from '../../../lib/event/last-resort';
import { attempt } from '../../support/sample-event';
import { emptyTrail } from '../../support/sample-trail';

const chain = new Chain('chain-1');
const short = chain.seal(attempt(0));
const groups = Array.from({ length: 20 }, () => ({ name: '😀'.repeat(1_000) }));
const long = chain.seal(attempt(1, { actor: { user: { uid: 'alice', groups } } }));
const [shortLine = ''] = lastResortLines(short, 'why');
const longLines = lastResortLines(long, 'why');

async function* stdin(text = ''): AsyncIterable<Uint8Array> {
  await Promise.resolve();
  yield Buffer.from(text);
}

async function all(source: AsyncIterable<Found>): Promise<Found[]> {
  const found: Found[] = [];
  for await (const one of source) found.push(one);
  return found;
}

describe('the events in log files', () => {
  it('come out whole, though their parts lie in several files', async () => {
    const dir = await emptyTrail();
    const [one, two] = [path.join(dir, 'one.log'), path.join(dir, 'two.gz')];
    await writeFile(one, ['START', ...longLines.slice(1), ''].join('\n'));
    await writeFile(two, gzipSync([shortLine, 'END', longLines[0], shortLine].join('\r\n')));
    expect(await all(lastResortEvents(fileLines([one, two, '-'], stdin(shortLine))))).toEqual([short, long]);
  });

  it('are named where they are broken or incomplete, with the file', async () => {
    const text = [shortLine.slice(0, -5), ...longLines.slice(0, -1)].join('\n');
    expect(await all(lastResortEvents(fileLines(['-'], stdin(text))))).toEqual([
      { problem: 'broken', detail: 'the line is cut, or is none of the last resort', from: 'standard input' },
      {
        problem: 'incomplete',
        uid: long.uid,
        fingerprint: long.fingerprint,
        detail: `missing of its ${longLines.length} parts: ${longLines.length}`,
      },
    ]);
  });

  it('cannot be read from a file that is not there, or is a folder, or is cut', async () => {
    const dir = await emptyTrail();
    const cut = path.join(dir, 'cut.gz');
    await writeFile(cut, gzipSync(shortLine).subarray(0, 50));
    for (const [file, reason] of [
      [path.join(dir, 'none'), 'ENOENT'],
      [dir, 'EISDIR'],
      [cut, 'unexpected end of file'],
    ] as const) {
      const reading = all(lastResortEvents(fileLines([file], stdin())));
      await expect(reading).rejects.toThrow(RecoveryError);
      await expect(reading).rejects.toThrow(`cannot read ${file}: ${reason}`);
    }
  });
});

describe('the events in a log group', () => {
  it('are those of all pages, empty ones among them', async () => {
    const message = (line: string | undefined) => ({ message: `${line}\n`, stream: 's' });
    const pages: LogPage[] = [
      { messages: [message(longLines[0]), message(shortLine)], next: '1' },
      { messages: [], next: '2' },
      { messages: longLines.slice(1).map(message) },
    ];
    const requests: LogRequest[] = [];
    const logs: LogMessages = {
      page: (request) => {
        requests.push(request);
        return Promise.resolve(pages[Number(request.token ?? 0)]!);
      },
    };
    const progress: [number, number][] = [];
    const query = { logGroup: 'g', since: 5, until: 9 };
    const lines = logGroupLines(query, logs, (...step) => progress.push(step));
    expect(await all(lastResortEvents(lines))).toEqual([short, long]);
    const request = { logGroup: 'g', pattern: `"${LAST_RESORT_MARK}"`, since: 5, until: 9 };
    expect(requests).toEqual([undefined, '1', '2'].map((token) => ({ ...request, token })));
    expect(progress.at(-1)).toEqual([3, longLines.length + 1]);
  });
});

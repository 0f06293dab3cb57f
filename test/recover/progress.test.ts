import { describe, expect, it } from 'vitest';
import { progressOn } from '../../bin/recover/progress';

function stream(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  return { written, stream: { isTTY, write } as unknown as NodeJS.WriteStream };
}

describe('progress', () => {
  it('is one line on a screen, gone in the end', () => {
    const { written, stream: screen } = stream(true);
    const progress = progressOn(screen, () => 0);
    progress.show('one');
    progress.show('two');
    progress.end();
    expect(written).toEqual(['\r\u001b[Kone', '\r\u001b[Ktwo', '\r\u001b[K']);
  });

  it('is a line now and then in a log', () => {
    const { written, stream: log } = stream(false);
    let now = 0;
    const progress = progressOn(log, () => now);
    for (now = 0; now <= 25_000; now += 1_000) progress.show(`at ${now}`);
    progress.end();
    expect(written).toEqual(['at 10000\n', 'at 20000\n']);
  });
});

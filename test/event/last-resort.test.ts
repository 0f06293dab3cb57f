import { describe, expect, it } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { LAST_RESORT_MARK, lastResortLines, MAX_LINE_BYTES, type LastResortPart } from '../../lib/event/last-resort';
import { attempt } from '../support/sample-event';

const parse = (line: string): LastResortPart => JSON.parse(line) as LastResortPart;

/** An event with so many groups, each of a character that is hard to cut or long to write. */
function eventOf(character: string, groups: number) {
  const group = character.repeat(1_000);
  const user = { uid: 'alice', groups: Array.from({ length: groups }, () => ({ name: group })) };
  return new Chain('chain-1').seal(attempt(0, { actor: { user } }));
}

describe('the lines of the last resort', () => {
  it('carry an event of the usual size in one line, as JSON itself', () => {
    const sealed = new Chain('chain-1').seal(attempt(0));
    const lines = lastResortLines(sealed, 'firehose:a: Error: refused');
    expect(lines.map(parse)).toEqual([
      {
        type: LAST_RESORT_MARK,
        uid: 'attempt-0',
        fingerprint: sealed.fingerprint,
        part: 1,
        parts: 1,
        reason: 'firehose:a: Error: refused',
        event: JSON.parse(sealed.line) as unknown,
      },
    ]);
    expect(lines[0]).toContain(sealed.line);
  });

  it.each(['x', '"', '\\', 'é', '\uffff', '😀', 'x😀'])(
    'are never too long and never cut through a %s',
    (character) => {
      const sealed = eventOf(character, 60);
      const lines = lastResortLines(sealed, '\u0001'.repeat(10_000));
      expect(lines.length).toBeGreaterThan(1);
      const parts = lines.map(parse);
      expect(parts.map(({ part }) => part)).toEqual(lines.map((_, i) => i + 1));
      for (const [i, { type, uid, fingerprint, parts: total, event, slice }] of parts.entries()) {
        expect(Buffer.byteLength(lines[i] ?? '')).toBeLessThanOrEqual(MAX_LINE_BYTES);
        expect(lines[i]).not.toContain('\n');
        expect(slice?.isWellFormed()).toBe(true);
        expect({ type, uid, fingerprint, total, event }).toEqual({
          type: LAST_RESORT_MARK,
          uid: sealed.uid,
          fingerprint: sealed.fingerprint,
          total: lines.length,
          event: undefined,
        });
      }
      expect(parts.map(({ slice }) => slice).join('')).toBe(sealed.line);
    },
  );

  it('are cut only where one line cannot hold the event', () => {
    const groups = (count: number) => lastResortLines(eventOf('x', count), '').map((line) => Buffer.byteLength(line));
    let most = 1;
    while (groups(most + 1).length === 1) most += 1;
    expect(groups(most)[0]).toBeGreaterThan(MAX_LINE_BYTES - 1_500);
    expect(groups(most)[0]).toBeLessThanOrEqual(MAX_LINE_BYTES);
  });

  it('hold no more than the beginning of a long reason', () => {
    const sealed = new Chain('chain-1').seal(attempt(0));
    expect(parse(lastResortLines(sealed, 'r'.repeat(501))[0] ?? '').reason).toBe('r'.repeat(500));
  });
});

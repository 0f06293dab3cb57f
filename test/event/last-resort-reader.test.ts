import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Chain, type SealedEvent } from '../../lib/event/chain';
import { LAST_RESORT_MARK, lastResortLines } from '../../lib/event/last-resort';
import { LastResortReader, type ReadEvents } from '../../lib/event/last-resort-reader';
import { randomDraft, sealRandom } from '../support/random-event';
import { attempt } from '../support/sample-event';

/** An event of several lines. */
function longEvent(chain: Chain, n = 0, character = '😀'): SealedEvent {
  const groups = Array.from({ length: 20 }, (_, i) => ({ name: `${i}${character.repeat(1_000)}` }));
  return chain.seal(attempt(n, { actor: { user: { uid: 'alice', groups } } }));
}

let reader: LastResortReader;
beforeEach(() => {
  reader = new LastResortReader();
});

function addAll(lines: readonly string[]): ReadEvents {
  const read = lines.map((line) => reader.add(line));
  return { events: read.flatMap(({ events }) => events), broken: read.flatMap(({ broken }) => broken) };
}

/** What log tools make of a message. */
const WRAPPINGS: Readonly<Record<string, (message: string) => string>> = {
  'as it is': (message) => message,
  'with spaces around': (message) => `  ${message} \r`,
  'in Lambda’s text format': (message) =>
    `2026-11-24T07:00:00.123Z\t7d9f3c1e-0000-4000-8000-000000000000\tINFO\t${message}`,
  'exported to S3': (message) => `2026-11-24T07:00:00.123Z ${message}`,
  'by aws logs tail': (message) => `2026-11-24T07:00:00.123000+00:00 2026/11/24/[$LATEST]0a1b2c ${message}`,
  'by aws logs tail --format short': (message) => `2026-11-24T07:00:00 ${message}`,
  'in Lambda’s JSON format, as an object': (message) =>
    `{"timestamp":"2026-11-24T07:00:00.123Z","level":"INFO","requestId":"7d9f","message":${message}}`,
  'in Lambda’s JSON format, as text': (message) =>
    JSON.stringify({ timestamp: '2026-11-24T07:00:00.123Z', level: 'INFO', message }),
  'by filter-log-events on one line': (message) =>
    JSON.stringify({ events: [{ logStreamName: 's', message: `${message}\n` }, { message: 'START' }] }),
  'by filter-log-events, pretty-printed': (message) => `            "message": ${JSON.stringify(`${message}\n`)},`,
  'by filter-log-events, of the JSON format': (message) =>
    `  "message": ${JSON.stringify(JSON.stringify({ level: 'INFO', message }))}`,
  'by a subscription': (message) => JSON.stringify({ logGroup: 'g', logEvents: [{ id: '1', message }] }),
  'by Logs Insights': (message) =>
    JSON.stringify({ results: [[{ field: '@timestamp', value: '' }, { field: '@message', value: message }]] }), // prettier-ignore
  'as CSV': (message) => `1795505400000,"${message.replaceAll('"', '""')}"`,
  'as CSV, with the line break of the message': (message) => `1795505400000,"${message.replaceAll('"', '""')}`,
  'with white space by another writer of JSON': (message) =>
    JSON.stringify(JSON.parse(message), null, 1).replaceAll('\n', ' '),
};

describe('reading lines of the last resort', () => {
  it.each(Object.entries(WRAPPINGS))('finds an event %s', (_, wrap) => {
    const short = new Chain('chain-1').seal(attempt(0));
    const long = longEvent(new Chain('chain-2'), 1, '"\\é');
    const lines = [short, long].flatMap((sealed) => lastResortLines(sealed, 'why').map(wrap));
    expect(lines.length).toBeGreaterThan(3);
    expect(addAll(lines)).toEqual({ events: [short, long], broken: [] });
    expect(reader.incomplete()).toEqual([]);
  });

  it('gives back any events, byte by byte, however they are cut, mixed, repeated and wrapped', () => {
    const wrapping = fc.constantFrom(...Object.values(WRAPPINGS));
    const noise = fc.oneof(
      fc.constantFrom('START RequestId: 7d9f', 'REPORT', '{', '"', '{"type":"other"}', '{"message":{}}', '[null]', ''),
      fc.string(),
    );
    const time = fc.integer({ min: 0, max: 253_402_300_799_999 });
    const draft = fc.tuple(randomDraft({ hostile: false }), time).map(([event, at]) => ({ ...event, time: at }));
    fc.assert(
      fc.property(
        fc.array(draft, { minLength: 1, maxLength: 6 }),
        fc.array(noise, { maxLength: 10 }),
        fc.infiniteStream(wrapping),
        fc.infiniteStream(fc.nat()),
        (drafts, others, wraps, dice) => {
          const sealed = [
            ...sealRandom(drafts),
            longEvent(new Chain('long'), 0),
            longEvent(new Chain('long'), 1, '"\\'),
          ];
          const next = () => dice.next().value;
          const lines = sealed.flatMap((event) => {
            const parts = lastResortLines(event, 'why');
            return [...parts, ...parts.filter(() => next() % 3 === 0)];
          });
          const wrapped = lines.map((line) => wraps.next().value(line));
          reader = new LastResortReader();
          const { events, broken } = addAll(shuffled([...wrapped, ...others], next));
          const inOrder = (list: readonly SealedEvent[]) => list.map(({ line }) => line).sort();
          expect(inOrder(events)).toEqual(inOrder(sealed));
          expect(broken).toEqual([]);
          expect(reader.incomplete()).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('names the parts that are missing', () => {
    const sealed = longEvent(new Chain('chain-1'));
    const lines = lastResortLines(sealed, 'why');
    expect(lines.length).toBeGreaterThanOrEqual(4);
    expect(addAll(lines.filter((_, i) => i !== 1 && i !== 3))).toEqual({ events: [], broken: [] });
    const { uid, fingerprint } = sealed;
    expect(reader.incomplete()).toEqual([{ uid, fingerprint, parts: lines.length, missing: [2, 4] }]);
  });

  it('names an event whose content was changed, and takes it from an intact copy', () => {
    const sealed = new Chain('chain-1').seal(attempt(0));
    const [line = ''] = lastResortLines(sealed, 'why');
    const changed = addAll([line.replace('"alice"', '"mallory"')]);
    const { uid, fingerprint } = sealed;
    expect(changed.events).toEqual([]);
    expect(changed.broken).toEqual([{ uid, fingerprint, problem: 'its fingerprint is not that of its content' }]);
    expect(addAll([line, line]).events).toEqual([sealed]);
  });

  it('names a line that carries another event than it says', () => {
    const chain = new Chain('chain-1');
    const [one, two] = [chain.seal(attempt(0)), chain.seal(attempt(1))];
    const [line = ''] = lastResortLines({ ...one, event: two.event }, 'why');
    expect(addAll([line]).broken).toMatchObject([
      { uid: one.uid, problem: 'the line names another event than it carries' },
    ]);
  });

  it('names a part that says two things, and takes the event if the first was right', () => {
    const sealed = longEvent(new Chain('chain-1'));
    const [first = '', second = '', ...rest] = lastResortLines(sealed, 'why');
    const forged = JSON.stringify({ ...(JSON.parse(second) as object), slice: 'forged' });
    const { events, broken } = addAll([first, second, forged, ...rest]);
    expect(broken).toMatchObject([{ uid: sealed.uid, problem: 'part 2 is there twice, with different content' }]);
    expect(events).toEqual([sealed]);
  });

  it.each([
    ['cut', (line: string) => line.slice(0, 500)],
    ['the second half', (line: string) => `${line.slice(20, 60)} ${LAST_RESORT_MARK}`],
    ['without a number', (line: string) => line.replace('"part":1,', '')],
    ['beyond its number of parts', (line: string) => line.replace('"part":1,', '"part":2,')],
    ['with a part 0', (line: string) => line.replace('"part":1,', '"part":0,')],
    ['without its event', (line: string) => line.replace(/"event":.*$/, '"slice":7}')],
  ])('never passes over a line with the mark in silence: %s', (_, damage) => {
    const [line = ''] = lastResortLines(new Chain('chain-1').seal(attempt(0)), 'why');
    expect(addAll([damage(line)])).toMatchObject({
      events: [],
      broken: [{ problem: 'the line is cut, or is none of the last resort' }],
    });
  });

  it('takes no event out of another message, where a caller may have put it', () => {
    const [line = ''] = lastResortLines(new Chain('chain-1').seal(attempt(0)), 'why');
    for (const message of [
      `no route for ${line}`,
      JSON.stringify({ path: line }),
      JSON.stringify({ message: `no ${line}` }),
    ]) {
      expect(addAll([message]).events).toEqual([]);
    }
    const carrier = new Chain('chain-2').seal(attempt(1, { message: line }));
    expect(addAll(lastResortLines(carrier, line)).events).toEqual([carrier]);
  });
});

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

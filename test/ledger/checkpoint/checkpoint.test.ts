import { describe, expect, it } from 'vitest';
import {
  EMPTY_EDGE,
  EMPTY_ROOT,
  checkAppendOnly,
  formatCheckpoint,
  hashLeaf,
  localSigner,
  noteVerifier,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  verifyTiles,
  type AppendedTree,
} from '../../../lib/ledger';
import { MemoryLedger, codeOf, entriesOf, flipped, ledgerOf, privateKeyOf } from '../support';
import { localdev, sumdb } from '../vectors/notes.json';
import tessera from '../vectors/tessera-log.json';

const key = noteVerifier(tessera.vkey);
const signer = localSigner('example.com/log/testdata', privateKeyOf(tessera.privateSeed));
const published = Object.entries(tessera.checkpoints).map(([size, note]) => ({ size: Number(size), note }));

describe('a log that Go built', () => {
  const entries = tessera.entries.map((entry) => Buffer.from(entry));

  it.each(published)('of $size leaves is built and signed to the same bytes', async ({ size, note }) => {
    const { root } = ledgerOf(entries.slice(0, size)).head;
    const checkpoint = { origin: 'example.com/log/testdata', size, root };
    expect(String(await signCheckpoint(checkpoint, [signer]))).toBe(note);
    expect(openCheckpoint(Buffer.from(note), [key])).toEqual(checkpoint);
  });

  it('is append-only from each checkpoint to each later one', async () => {
    const { ledger } = ledgerOf(entries);
    const checkpoints = published.map(({ note }) => openCheckpoint(Buffer.from(note), [key]));
    const newest = checkpoints.at(-1)!;
    for (const older of checkpoints) await checkAppendOnly(ledger, older, newest);
    const leaves: string[] = [];
    for await (const batch of verifyTiles(ledger, newest)) leaves.push(...batch.entries.map(String));
    expect(leaves).toEqual(tessera.entries);
  });
});

describe('a checkpoint', () => {
  const hello = 'go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n';

  /** TestFormatTree and TestParseTree of golang.org/x/mod/sumdb/tlog. */
  it('is written and read as by Go', () => {
    const head = { origin: 'go.sum database tree', size: 123456789012, root: hashLeaf(Buffer.from('hello world')) };
    expect(formatCheckpoint(head)).toBe(hello);
    expect(parseCheckpoint(hello)).toEqual(head);
  });

  it('keeps extension lines', () => {
    const extended = parseCheckpoint(`${hello}one\ntwo\n`);
    expect(extended.extensions).toEqual(['one', 'two']);
    expect(formatCheckpoint(extended)).toBe(`${hello}one\ntwo\n`);
  });

  it.each([
    ['no newline at the end', hello.slice(0, -1)],
    ['an extension line without its newline', `${hello}JOE`],
    ['an empty origin', hello.replace('go.sum database tree', '')],
    ['a size in hex', hello.replace('123456789012', '0xabcdef')],
    ['a size with leading zeroes', hello.replace('123456789012', '0123456789012')],
    ['a negative size', hello.replace('123456789012', '-1')],
    ['a size beyond 2^53−1', hello.replace('123456789012', '9007199254740992')],
    ['a longer root', hello.replace('Bb0=', 'TOOBIG==')],
    ['a shorter root', hello.replace('BrZ', '').replace('TszzRg', '')],
    ['a root with spare bits', hello.replace('Bb0=', 'Bb1=')],
    ['an empty line', `${hello}\n`],
    ['two lines', 'example.com/log\n5\n'],
    ['nothing', ''],
  ])('is malformed with %s', async (_, text) => {
    expect(await codeOf(() => parseCheckpoint(text))).toBe('CHECKPOINT_MALFORMED');
  });

  it('is not signed if nobody could read it', async () => {
    const sign = (origin: string, root = EMPTY_ROOT) =>
      codeOf(() => signCheckpoint({ origin, size: 0, root }, [signer]));
    expect(await sign('')).toBe('CHECKPOINT_MALFORMED');
    expect(await sign('two\nlines')).toBe('CHECKPOINT_MALFORMED');
    expect(await sign('example.com/log', Buffer.alloc(31))).toBe('CHECKPOINT_MALFORMED');
    expect(await sign('tab\there')).toBe('NOTE_MALFORMED');
  });

  it.each(sumdb.checkpoints)('of the public log sum.golang.org is opened (%#)', (note) => {
    const { size, origin } = openCheckpoint(Buffer.from(note), [noteVerifier(sumdb.vkey)], sumdb.origin);
    expect([origin, String(size)]).toEqual(note.split('\n').slice(0, 2));
  });

  it('is opened only for the origin that is asked for, by default the name of the key', async () => {
    const localKey = noteVerifier(localdev.vkey);
    const note = Buffer.from(localdev.checkpoint);
    expect(openCheckpoint(note, [localKey], localdev.origin).size).toBe(6);
    expect(await codeOf(() => openCheckpoint(note, [localKey]))).toBe('ORIGIN_MISMATCH');
    expect(await codeOf(() => openCheckpoint(note, [localKey], 'example.com/log'))).toBe('ORIGIN_MISMATCH');
  });

  it('carries several signatures', async () => {
    const { root } = ledgerOf(entriesOf(3)).head;
    const witness = localSigner('witness.example', privateKeyOf(Buffer.alloc(32, 7).toString('base64')));
    const note = await signCheckpoint({ origin: key.name, size: 3, root }, [witness, signer]);
    expect(openCheckpoint(note, [key]).size).toBe(3);
    expect(openCheckpoint(note, [key, witness.verifier]).size).toBe(3);
    // A witness alone does not speak for the log.
    expect(await codeOf(() => openCheckpoint(note, [witness.verifier]))).toBe('ORIGIN_MISMATCH');
  });

  it('is refused with any bit of it flipped', async () => {
    const good = Buffer.from(published.at(-1)!.note);
    const codes = new Set<string>();
    for (let at = 0; at < good.length; at++) {
      for (let bit = 0; bit < 8; bit++) codes.add(await codeOf(() => openCheckpoint(flipped(good, at, bit), [key])));
    }
    expect([...codes].sort()).toEqual(['NOTE_MALFORMED', 'SIGNATURE_INVALID', 'SIGNATURE_MISSING']);
  });
});

describe('append-only', () => {
  const ledger = new MemoryLedger();
  const first = ledger.append(EMPTY_EDGE, entriesOf(700));
  const second = ledger.append(first.edge, entriesOf(600, 700));
  const at = ({ size, root }: AppendedTree, origin = 'example.com/log') => ({ origin, size, root });

  it('holds for a log that grew, or stood still', async () => {
    await checkAppendOnly(ledger, at(first), at(second));
    await checkAppendOnly(ledger, at(second), at(second));
    await checkAppendOnly(ledger, { ...at(first), size: 0, root: EMPTY_ROOT }, at(second));
  });

  it('tells a rollback, a fork and another log', async () => {
    const fork = ledgerOf([Buffer.from('forged'), ...entriesOf(1_299, 1)]);
    const code = (older: AppendedTree, newer: AppendedTree, by = ledger) =>
      codeOf(() => checkAppendOnly(by, at(older), at(newer)));
    expect(await code(second, first)).toBe('ROLLED_BACK');
    expect(await code(first, fork.head, fork.ledger)).toBe('FORKED');
    expect(await code(second, fork.head, fork.ledger)).toBe('FORKED');
    expect(await codeOf(() => checkAppendOnly(ledger, at(first, 'example.com/other'), at(second)))).toBe(
      'ORIGIN_MISMATCH',
    );
  });

  it('is not told from tiles that are not those of the newer checkpoint', async () => {
    const altered = ledger.alter('tile/0/002', (body) => flipped(body, 3));
    expect(await codeOf(() => checkAppendOnly(altered, at(first), at(second)))).toBe('TILE_MISMATCH');
    const edge = ledger.alter('tile/0/005.p/20', (body) => flipped(body, 3));
    expect(await codeOf(() => checkAppendOnly(edge, at(first), at(second)))).toBe('ROOT_MISMATCH');
  });
});

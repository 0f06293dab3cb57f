import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatTlogProof, parseTlogProof } from '../../../lib/ledger';
import { newSigner } from './support';

vi.setConfig({ testTimeout: 1_200_000 });

const DOCS = path.join(__dirname, '../../../docs/evidence');
const EXAMPLE = readFileSync(path.join(DOCS, 'example.tlog-proof'));
const VKEY = readFileSync(path.join(DOCS, 'example.vkey'));
const { extra: extraBytes, ...proof } = parseTlogProof(EXAMPLE);
const EXTRA = Buffer.from(extraBytes!);
const openssl = String(spawnSync('openssl', ['version']).stdout ?? '');
const able = /^OpenSSL ([3-9]|\d\d)/.test(openssl);
if (!able) console.warn('SKIPPED: docs/evidence/check.sh, for which OpenSSL 3 is needed');

/** A run takes about a tenth of a second: AUDIT_PROXY_MUTATIONS=500 makes more of them. */
const RUNS = Number(process.env['AUDIT_PROXY_MUTATIONS'] ?? 15);

describe.skipIf(!able)('docs/evidence/check.sh', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function check(evidence: Uint8Array, vkey: Uint8Array = VKEY) {
    writeFileSync(path.join(folder, 'e'), evidence);
    writeFileSync(path.join(folder, 'k'), vkey);
    const { status, stdout, stderr } = spawnSync('sh', [path.join(DOCS, 'check.sh'), 'e', 'k'], { cwd: folder });
    return { status, stdout: String(stdout), stderr: String(stderr) };
  }
  const withExtra = (text: string | Buffer) => formatTlogProof({ ...proof, extra: Buffer.from(text) });
  const changed = (from: string | RegExp, to: string) => {
    const text = String(EXTRA).replace(from, to);
    expect(text).not.toBe(String(EXTRA));
    return withExtra(text);
  };

  it('accepts true evidence, and prints the content that is authenticated', () => {
    const { status, stdout, stderr } = check(EXAMPLE);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { event } = JSON.parse(String(EXTRA)) as { event: { attestation_list: { fingerprint?: object }[] } };
    delete event.attestation_list[0]!.fingerprint;
    expect(JSON.parse(stdout.split('\n').at(-2)!)).toEqual(event);
  });

  it('refuses each part that was changed, and names the step', () => {
    const print = /,"fingerprint":\{[^}]*\}/.exec(String(EXTRA))![0];
    // The status moves into a fingerprint that stands elsewhere, which a careless reader of the event takes for the event's.
    const moved = String(EXTRA)
      .replace(print, '')
      .replace('"status_id":1,', `"status_id":1,${print.slice(1)},`);
    const hiding = String(EXTRA)
      .replace(print, '')
      .replace('{"event":{', `{"event":{"a":1,"fingerprint":{"status_code":"500","value":"${'0'.repeat(64)}"},`);
    // The status changes inside the fingerprint, which moves to the front with its true hash: event.json then has two status
    // codes, and whoever only cuts the fingerprint out never sees the changed one.
    const value = /"value":"(\w+)"/.exec(print)![1]!;
    const inside = String(EXTRA)
      .replace(print, '')
      .replace('{"event":{', `{"event":{"fingerprint":{"action":"Denied","status_code":"500","value":"${value}"},`);
    expect(createHash('sha256').update(contentOf(inside)).digest('hex')).toBe(value);
    const text = String(EXAMPLE);
    const cases: [string, Uint8Array, Uint8Array?][] = [
      ['event', changed('"status_code":"200"', '"status_code":"500"')],
      ['event', changed(/"value":"77/, '"value":"78')],
      ['event', withExtra(moved)],
      ['event', withExtra(hiding)],
      ['event', withExtra(inside)],
      ['object', changed('"event_index":3', '"event_index":2')],
      ['object', changed('"5dZb', '"6dZb')],
      ['object', changed('"root":"bfd7', '"root":"cfd7')],
      ['ledger', changed('"count":6', '"count":7')],
      ['ledger', changed('"size":23168', '"size":23169')],
      ['ledger', Buffer.from(text.replace('index 1\n', 'index 0\n'))],
      ['ledger', Buffer.from(text.replace('\nqD/k', '\nrD/k'))],
      ['ledger', Buffer.from(text.replace('\naNAE', '\nbNAE'))],
      ['checkpoint', Buffer.from(text.replace('eu0a+Dm3', 'eu0a+Dm4'))],
      ['checkpoint', Buffer.from(text.replace('\naudit.example.com/orders\n', '\naudit.example.com/others\n'))],
      ['checkpoint', EXAMPLE, Buffer.from(`${newSigner('audit.example.com/orders').verifier.vkey}\n`)],
      ['file', Buffer.from(text.replace('index 1\n', 'index 01\n'))],
      ['file', changed('"event_index":3', '"event_index": 3')],
    ];
    for (const [step, evidence, vkey] of cases) {
      const { status, stderr } = check(evidence, vkey);
      expect({ status, step: /^NOT PROVEN: step (\w+): /.exec(stderr)?.[1] }, stderr).toEqual({ status: 1, step });
    }
  });

  it('exits with 2 where nothing can be checked', () => {
    const { status } = spawnSync('sh', [path.join(DOCS, 'check.sh'), 'none', 'none'], { cwd: folder });
    expect(status).toBe(2);
  });

  it('refuses random mutations, or prints the very same', () => {
    const { status, stdout } = check(EXAMPLE);
    expect(status).toBe(0);
    const at = fc.nat();
    const change = fc.constantFrom('flip', 'drop', 'insert', 'swap');
    const where = fc.constantFrom('file', 'extra', 'key');
    fc.assert(
      fc.property(where, change, at, fc.integer({ min: 1, max: 255 }), (part, kind, place, byte) => {
        const from = part === 'file' ? EXAMPLE : part === 'extra' ? EXTRA : VKEY;
        const bytes = mutate(from, kind, place % (from.length - 1), byte);
        fc.pre(!bytes.equals(from));
        const result = part === 'key' ? check(EXAMPLE, bytes) : check(part === 'file' ? bytes : withExtra(bytes));
        if (result.status === 0) expect(result.stdout).toBe(stdout);
        else
          expect(result).toMatchObject({ status: 1, stderr: expect.stringMatching(/^NOT PROVEN: step /m) as string });
      }),
      { numRuns: RUNS },
    );
  });
});

/** What the step that cuts the fingerprint out of the event leaves. */
function contentOf(extra: string): string {
  const event = /^\{"event":(.*),"event_index":/.exec(extra)![1]!;
  return event.replace(/,?"fingerprint":\{[^}]*\},?/, '');
}

function mutate(from: Buffer, kind: string, place: number, byte: number): Buffer {
  const [before, after] = [from.subarray(0, place), from.subarray(place)];
  if (kind === 'drop') return Buffer.concat([before, after.subarray(1)]);
  if (kind === 'insert') return Buffer.concat([before, Buffer.from([byte]), after]);
  if (kind === 'swap') return Buffer.concat([before, Buffer.from([after[1]!, after[0]!]), after.subarray(2)]);
  return Buffer.concat([before, Buffer.from([after[0]! ^ byte]), after.subarray(1)]);
}

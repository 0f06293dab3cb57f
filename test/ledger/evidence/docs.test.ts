import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteVerifier, parseTlogProof } from '../../../lib/ledger';
import { checkEvidence, formatEvidence, parseEvidence, type Evidence } from '../../../lib/ledger/evidence';
import { EvidenceWorld, newSigner, sealedEvents } from './support';

const DOCS = path.join(__dirname, '../../../docs');
const PAGE = readFileSync(path.join(DOCS, 'evidence.md'), 'utf8');
const EXAMPLE = readFileSync(path.join(DOCS, 'evidence/example.tlog-proof'));
const VKEY = readFileSync(path.join(DOCS, 'evidence/example.vkey'), 'utf8').trim();

const blocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) => text);

/** Programs without which the worked example cannot be followed; OpenSSL before 3 cannot read Ed25519 signatures. */
function missing(): string | undefined {
  const version = String(spawnSync('openssl', ['version']).stdout ?? '');
  if (!/^OpenSSL ([3-9]|\d\d)/.test(version)) return `OpenSSL 3 (found: ${version.trim() || 'none'})`;
  return ['sh', 'sha256sum', 'sed', 'awk', 'od'].find((name) => spawnSync(name, ['--version']).error !== undefined);
}

describe('the example of docs/evidence.md', () => {
  it('proves what the page says', () => {
    const { sealed, eventIndex, leafIndex, checkpoint } = checkEvidence(EXAMPLE, noteVerifier(VKEY));
    expect({ eventIndex, leafIndex, size: checkpoint.size }).toEqual({ eventIndex: 3, leafIndex: 1, size: 5 });
    expect(PAGE).toContain(`audit-proxy prove ${sealed.uid} `);
    expect(PAGE).toContain(`what          ${sealed.event.http_request!.http_method} ${sealed.event.http_request!.url.path} of`); // prettier-ignore
    expect(PAGE).toContain(`when          ${new Date(sealed.event.time).toISOString()}`);
    for (const line of String(EXAMPLE).split('\n').filter((text) => /^[\w+/]{43}=$/.test(text)).slice(0, 2)) {
      expect(PAGE).toContain(line.slice(0, 28));
    } // prettier-ignore
  });

  it('has the form that is written today', () => {
    expect(formatEvidence(parseEvidence(EXAMPLE))).toEqual(EXAMPLE);
    const extra = JSON.parse(String(parseTlogProof(EXAMPLE).extra)) as object;
    expect(Object.keys(extra)).toEqual(['event', 'event_index', 'event_proof', 'leaf', 'v']);
    for (const field of Object.keys(extra)) expect(PAGE).toContain(`| \`${field}\` |`);
  });
});

const absent = missing();
if (absent !== undefined) console.warn(`SKIPPED: following docs/evidence.md by hand, for which ${absent} is needed`);

describe.skipIf(absent !== undefined)('the commands of docs/evidence.md', () => {
  const signer = newSigner('audit.example.com/orders');
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'evidence-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What the commands print, one after the other in one shell. */
  function follow(evidence: Uint8Array, vkey: string): string {
    writeFileSync(path.join(folder, 'example.tlog-proof'), evidence);
    writeFileSync(path.join(folder, 'example.vkey'), `${vkey}\n`);
    const { stdout } = spawnSync('sh', ['-c', blocks('sh').join('\n')], { cwd: folder, encoding: 'utf8' });
    return stdout;
  }

  const good = blocks('text').join('');
  const byHand = (evidence: Evidence) => follow(formatEvidence(evidence), signer.verifier.vkey);

  it('print what the page shows', () => {
    expect(good.split('\n')).toHaveLength(6);
    expect(follow(EXAMPLE, VKEY)).toBe(good);
  });

  it('work for any evidence', async () => {
    for (const [leaves, leaf] of [[1, 0], [6, 5], [11, 8]] as const) {
      const objects = Array.from({ length: leaves }, (_, i) => sealedEvents(i === leaf ? leaves : 1, `${i}`));
      const world = await EvidenceWorld.create(objects, signer, 'audit.example.com/orders');
      expect(byHand(await world.evidence(leaf, leaves - 1)), `leaf ${leaf} of ${leaves}`).toBe(good);
    } // prettier-ignore
  });

  it('find what was altered, each in its step', async () => {
    const objects = [3, 5, 2].map((count, i) => sealedEvents(count, `${i}`));
    const world = await EvidenceWorld.create(objects, signer, 'audit.example.com/orders');
    const evidence = await world.evidence(1, 2);
    const lines = (text: string) => text.split('\n');
    const edited = { ...evidence.event, status_code: '500' };
    expect(lines(byHand({ ...evidence, event: edited }))[0]).toBe('content.json: FAILED');
    const other = objects[1]![3]!.event;
    expect(byHand({ ...evidence, event: other })).toBe(good.replace('event in object: OK\n', ''));
    expect(byHand({ ...evidence, leafIndex: 0 })).toBe(good.replace('object in ledger: OK\n', ''));
    const checkpoint = Buffer.from(String(evidence.checkpoint).replace('\n3\n', '\n4\n'));
    expect(lines(byHand({ ...evidence, checkpoint })).at(-2)).toBe('Signature Verification Failure');
    expect(follow(formatEvidence(evidence), newSigner('audit.example.com/orders').verifier.vkey)).not.toBe(good);
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as ledgerLibrary from '../../lib/ledger';
import { MemoryLedger, codeOf, flipped } from './support';

const README = readFileSync(path.join(__dirname, '../../lib/ledger/README.md'), 'utf8');
const [writing, verifying] = [...README.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

const AsyncFunction = (async () => undefined).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<void>;

/** Runs an example with what it imports and with what its text takes for granted. */
function run(example: string, given: Record<string, unknown>): Promise<void> {
  const [, names = '', body = ''] = /^import \{(.*)\} from '.\/index';\n([\s\S]*)$/.exec(example) ?? [];
  const imported = names.split(',').map((name) => name.trim());
  const library: Record<string, unknown> = ledgerLibrary;
  expect(imported.filter((name) => library[name] === undefined)).toEqual([]);
  const parameters = [...imported, ...Object.keys(given)];
  return new AsyncFunction(...parameters, body)(...imported.map((name) => library[name]), ...Object.values(given));
}

describe('the examples of the README', () => {
  it('write two trees and verify what they wrote', async () => {
    const ledger = new MemoryLedger();
    const { privateKey } = generateKeyPairSync('ed25519');
    const checkpoints: ledgerLibrary.Checkpoint[] = [];
    const pinnedVkey = ledgerLibrary.localSigner('example.com/ledger', privateKey).verifier.vkey;
    const keys = [ledgerLibrary.noteVerifier(pinnedVkey)];
    for (const key of ['events/one', 'events/two']) {
      const { size, root } = checkpoints.at(-1) ?? { size: 0, root: ledgerLibrary.EMPTY_ROOT };
      await run(writing!, {
        privateKey,
        ...{ size, root, reader: ledger },
        ...{ key, versionId: 'v1', bytes: 3, sha256: 'ab'.repeat(32), events: undefined },
        put: async (file: string, body: Buffer) => ledger.files.set(file, body),
      });
      checkpoints.push(ledgerLibrary.openCheckpoint(ledger.files.get('checkpoint')!, keys));
    }
    const verify = async (checkpoint: Buffer) => {
      const lines: unknown[][] = [];
      await run(verifying!, {
        readFile: async () => checkpoint,
        ...{ pinnedVkey, reader: ledger, savedCheckpoint: checkpoints[0] },
        console: { log: (...line: unknown[]) => lines.push(line) },
      });
      return lines;
    };
    const leaf = { versionId: 'v1', size: 3, sha256: 'ab'.repeat(32) };
    expect(await verify(ledger.files.get('checkpoint')!)).toEqual([
      [0, { key: 'events/one', ...leaf }],
      [1, { key: 'events/two', ...leaf }],
    ]);
    expect(await codeOf(() => verify(flipped(ledger.files.get('checkpoint')!, 0)))).toBe('SIGNATURE_INVALID');
  });
});

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { localSigner, noteVerifier, vkeyOf } from '../../../lib/ledger';
import { codeOf, privateKeyOf } from '../support';
import notes from '../vectors/notes.json';
import tessera from '../vectors/tessera-log.json';

const { peter, enoch, sumdb, localdev, badKeys } = notes;

describe('a vkey', () => {
  it.each([peter.vkey, enoch.vkey, sumdb.vkey, localdev.vkey, tessera.vkey])(
    '%s is read, and written again',
    (vkey) => {
      const [name, id, encoded] = /^(.*?)\+(.*?)\+(.*)$/.exec(vkey)!.slice(1) as [string, string, string];
      expect(noteVerifier(vkey)).toMatchObject({ name, keyId: Number.parseInt(id, 16), vkey });
      const raw = Buffer.from(encoded, 'base64').subarray(1);
      const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
      expect(vkeyOf(name, createPublicKey({ key: spki, format: 'der', type: 'spki' }))).toBe(vkey);
    },
  );

  /** TestNewVerifier of golang.org/x/mod/sumdb/note. */
  it('is refused in every part, with every byte altered', async () => {
    const { vkey } = peter;
    const codes = new Set<string>();
    for (let from = 0; from < vkey.length; from++) {
      for (let to = from + 1; to <= vkey.length; to++) {
        if (from !== 0 || to !== vkey.length) codes.add(await codeOf(() => noteVerifier(vkey.slice(from, to))));
      }
      const next = String.fromCharCode(vkey.charCodeAt(from) + 1);
      codes.add(await codeOf(() => noteVerifier(vkey.slice(0, from) + next + vkey.slice(from + 1))));
    }
    for (const bad of badKeys) codes.add(await codeOf(() => noteVerifier(bad)));
    expect([...codes]).toEqual(['KEY_MALFORMED']);
  });

  it.each(['', 'with space', 'with+plus', 'with\u00a0space', 'with\nbreak', 'with\u0000nul', '\ud800'])(
    'has no name like %j',
    async (name) => {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      expect(await codeOf(() => vkeyOf(name, publicKey))).toBe('KEY_MALFORMED');
      expect(await codeOf(() => localSigner(name, privateKey))).toBe('KEY_MALFORMED');
    },
  );

  it('is of Ed25519 only', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await codeOf(() => vkeyOf('example.com/log', publicKey))).toBe('KEY_MALFORMED');
    const { publicKey: x25519 } = generateKeyPairSync('x25519');
    expect(await codeOf(() => vkeyOf('example.com/log', x25519))).toBe('KEY_MALFORMED');
  });
});

describe('a local signer', () => {
  it('has the vkey of its private key', () => {
    expect(localSigner('PeterNeumann', privateKeyOf(peter.privateSeed)).verifier.vkey).toBe(peter.vkey);
    expect(localSigner('example.com/log/testdata', privateKeyOf(tessera.privateSeed)).verifier.vkey).toBe(tessera.vkey);
  });

  it('signs what its verifier accepts, and nothing else', async () => {
    const { verifier, sign } = localSigner('EnochRoot', generateKeyPairSync('ed25519').privateKey);
    const signature = Buffer.from(await sign(Buffer.from('hi')));
    expect(verifier.verify(Buffer.from('hi'), signature)).toBe(true);
    expect(verifier.verify(Buffer.from('ii'), signature)).toBe(false);
    expect(verifier.verify(Buffer.from('hi'), signature.subarray(1))).toBe(false);
    signature[0]! ^= 1;
    expect(verifier.verify(Buffer.from('hi'), signature)).toBe(false);
  });
});

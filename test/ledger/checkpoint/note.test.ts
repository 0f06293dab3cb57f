import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { localSigner, noteVerifier, openNote, parseNote, signNote } from '../../../lib/ledger';
import { codeOf, flipped, privateKeyOf } from '../support';
import { peter as peterNote, enoch as enochNote, text } from '../vectors/notes.json';

const peter = noteVerifier(peterNote.vkey);
const enoch = noteVerifier(enochNote.vkey);
const [peterSig, enochSig] = [peterNote.signature, enochNote.signature];
const note = (...signatures: string[]) => Buffer.from(`${text}\n${signatures.join('')}`);

/** TestSign and TestOpen of golang.org/x/mod/sumdb/note. */
describe('a signed note', () => {
  const signer = localSigner('PeterNeumann', privateKeyOf(peterNote.privateSeed));

  it('is signed to the same bytes as by Go', async () => {
    expect(String(await signNote(text, [signer]))).toBe(String(note(peterSig)));
  });

  it.each(['abc', '', 'a\rb\n', 'a\0\n', '\ud800\n'])('is not made of the text %j', async (bad) => {
    expect(await codeOf(() => signNote(bad, [signer]))).toBe('NOTE_MALFORMED');
  });

  it('is not made when the signer signs with another key than its vkey', async () => {
    const other = localSigner('PeterNeumann', generateKeyPairSync('ed25519').privateKey);
    const mixed = { verifier: signer.verifier, sign: other.sign };
    expect(await codeOf(() => signNote(text, [mixed]))).toBe('SIGNER_MISMATCH');
  });

  it('passes the failure of a signer on', async () => {
    const failing = { verifier: peter, sign: () => Promise.reject(new Error('surprise!')) };
    await expect(signNote(text, [failing])).rejects.toThrow('surprise!');
  });

  it('is opened by one known key; the other signature is ignored', () => {
    const opened = openNote(note(peterSig, enochSig), [peter]);
    expect(opened.text).toBe(text);
    expect(opened.signedBy).toEqual([peter]);
    expect(opened.unknown.map(({ name, keyId }) => [name, keyId])).toEqual([['EnochRoot', 0xaf0cfe78]]);
  });

  it('tells every known key that signed, once', () => {
    expect(openNote(note(peterSig, enochSig, peterSig), [enoch, peter]).signedBy).toEqual([peter, enoch]);
  });

  it('is refused without a known key, or with one that shares name or id only', async () => {
    expect(await codeOf(() => openNote(note(peterSig, enochSig), []))).toBe('SIGNATURE_MISSING');
    const namesake = localSigner('PeterNeumann', generateKeyPairSync('ed25519').privateKey).verifier;
    expect(await codeOf(() => openNote(note(peterSig), [namesake]))).toBe('SIGNATURE_MISSING');
    const sameId = { ...peter, name: 'CarmenSandiego' };
    expect(await codeOf(() => openNote(note(peterSig), [sameId]))).toBe('SIGNATURE_MISSING');
  });

  it('is refused when a known key occurs twice, unless it did not sign', async () => {
    expect(await codeOf(() => openNote(note(enochSig), [enoch, peter, enoch]))).toBe('KEY_AMBIGUOUS');
    expect(openNote(note(peterSig), [enoch, peter, enoch]).signedBy).toEqual([peter]);
  });

  it('is refused when one signature by a known key is bad, even beside a good one', async () => {
    const bad = peterSig.slice(0, 60) + 'ABCD' + peterSig.slice(60);
    expect(await codeOf(() => openNote(note(bad), [peter]))).toBe('SIGNATURE_INVALID');
    expect(await codeOf(() => openNote(note(peterSig, bad), [peter]))).toBe('SIGNATURE_INVALID');
    expect(await codeOf(() => openNote(note(peterSig, bad), [peter, enoch]))).toBe('SIGNATURE_INVALID');
  });

  it('has at most 100 signatures and a million bytes', async () => {
    expect(openNote(note(peterSig.repeat(100)), [peter]).signedBy).toEqual([peter]);
    expect(await codeOf(() => openNote(note(peterSig.repeat(101)), [peter]))).toBe('NOTE_MALFORMED');
    expect(await codeOf(() => parseNote(Buffer.alloc(1_000_001, 'a')))).toBe('NOTE_MALFORMED');
  });

  it('keeps empty lines in its text: the last one divides', () => {
    expect(parseNote(Buffer.from(`a\n\nb\n\n${peterSig}`)).text).toBe('a\n\nb\n');
  });

  it.each<[string, string | Buffer]>([
    ['no signatures', text],
    ['no signatures after the empty line', `${text}\n`],
    ['no newline at the end', `${text}\n${peterSig.slice(0, -1)}`],
    ['a control character', `\x01${text}\n${peterSig}`],
    ['a carriage return', `${text}\n${peterSig.replace('\n', '\r\n')}`],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.of(0xff), note(peterSig)])],
    ['a name with a space', `${text}\n— Bad Name x08go/ZJ\n`],
    ['another line', `${text}\n${peterSig}Unexpected line.\n`],
    ['a hyphen for the dash', `${text}\n${peterSig.replace('—', '-')}`],
    ['base64 without its padding', `${text}\n${peterSig.replace('=', '')}`],
    ['base64 with spare bits', `${text}\n${peterSig.replace('JnAM=', 'JnAN=')}`],
    ['base64 for URLs', `${text}\n${peterSig.replace('/', '_')}`],
    ['a signature of nothing', `${text}\n— PeterNeumann x08gow==\n`],
    ['nothing', ''],
  ])('is malformed with %s', async (_, bytes) => {
    expect(await codeOf(() => openNote(Buffer.from(bytes), [peter]))).toBe('NOTE_MALFORMED');
    expect(parseNote(note(peterSig)).text).toBe(text); // and the next one is read again
  });

  it('keeps a byte order mark, as it is signed', async () => {
    expect(await codeOf(() => openNote(Buffer.concat([Buffer.from('\ufeff'), note(peterSig)]), [peter]))).toBe(
      'SIGNATURE_INVALID',
    );
  });

  it('is refused with any bit of it flipped', async () => {
    const good = note(peterSig);
    const codes = new Set<string>();
    for (let at = 0; at < good.length; at++) {
      for (let bit = 0; bit < 8; bit++) codes.add(await codeOf(() => openNote(flipped(good, at, bit), [peter])));
    }
    expect([...codes].sort()).toEqual(['NOTE_MALFORMED', 'SIGNATURE_INVALID', 'SIGNATURE_MISSING']);
  });
});

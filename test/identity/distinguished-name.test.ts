import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calledBySubject, readDistinguishedName } from '../../lib/identity/distinguished-name';

const read = (text: string) =>
  readDistinguishedName(text)?.map((rdn) => rdn.map(({ type, value }) => `${type}=${value}`));

describe('a distinguished name', () => {
  it.each([
    // RFC 4514 section 4
    ['UID=jsmith,DC=example,DC=net', [['UID=jsmith'], ['DC=example'], ['DC=net']]],
    ['OU=Sales+CN=J.  Smith,DC=example,DC=net', [['OU=Sales', 'CN=J.  Smith'], ['DC=example'], ['DC=net']]],
    ['CN=James \\"Jim\\" Smith\\, III,DC=example', [['CN=James "Jim" Smith, III'], ['DC=example']]],
    ['CN=Before\\0dAfter,DC=example', [['CN=Before\rAfter'], ['DC=example']]],
    ['1.3.6.1.4.1.1466.0=#04024869', undefined], // an octet string: no text
    ['CN=Lu\\C4\\8Di\\C4\\87', [['CN=Lučić']]],
    // RFC 2253 and 1779
    ['CN="a, b";O = "x=y" , OID.2.5.4.3=z', [['CN=a, b'], ['O=x=y'], ['2.5.4.3=z']]],
    ['CN=\\ a\\\\\\ ', [['CN= a\\ ']]],
    ['CN=a  ,O=', [['CN=a'], ['O=']]],
    ['2.5.4.3=#0c03626f62', [['2.5.4.3=bob']]],
    ['CN=a=b', [['CN=a=b']]],
  ])('is read: %s', (text, expected) => expect(read(text)).toEqual(expected));

  it.each([
    '', 'www.example.com', '/C=DE/CN=a', 'CN', 'CN=a,', 'CN=a,,O=b', 'CN="a', 'CN="a"b', 'CN=a"b', 'CN=a\\', 'CN=\\zz', 'CN=#0c', 'CN=#0c0',
    'CN=#0c05626f62', 'CN=a\\00', 'CN=a\0', 'CN=\\ff', 'CN=a<b', '=a', 'C N=a',
  ])('is none: %j', (text) => expect(read(text)).toBeUndefined()); // prettier-ignore
});

const VALUE = fc.oneof(
  fc.constantFrom('admin', 'CN=admin', 'x,CN=admin', 'x+CN=admin', 'x/CN=admin', '\\,CN=admin', '"', '\\', ' admin', 'admin ', '#admin', 'é\u{1f600}'),
  fc.string({ unit: fc.constantFrom(...'abCN=,+;"\\#<> /\n\t', 'é'), maxLength: 8 }),
); // prettier-ignore
const TYPE = fc.constantFrom('CN', 'cn', 'O', 'OU', 'C', 'serialNumber', '2.5.4.3', 'OID.2.5.4.3', '1.2.3');
/** A name, and in which of the allowed ways each attribute is written. */
const NAME = fc.array(
  fc.array(fc.tuple(TYPE, VALUE, fc.constantFrom('character', 'hex', 'quoted', 'ber', 'all')), { minLength: 1, maxLength: 2 }),
  { minLength: 1, maxLength: 4 },
); // prettier-ignore

function written([type, value, way]: [string, string, string]): string {
  const bytes = Buffer.from(value);
  const hex = (part: string) => Buffer.from(part).toString('hex').replace(/../g, '\\$&');
  switch (way) {
    case 'character':
      return `${type}=${value.replace(/[\\"+,;<>=#]|^ | $/g, '\\$&')}`;
    case 'hex':
      return `${type}=${value.replace(/[\\"+,;<>=#\n\t é]/gu, hex)}`;
    case 'quoted':
      return `${type} = "${value.replace(/[\\"]/g, '\\$&')}" `;
    case 'ber':
      return `${type}=#0c${bytes.length.toString(16).padStart(2, '0')}${bytes.toString('hex')}`;
    default:
      return ` ${type}=${hex(value)}`;
  }
}

describe('whoever has a certificate', () => {
  it('is read as he was written, in whatever way', () => {
    fc.assert(
      fc.property(NAME, fc.constantFrom(',', ';', ' , '), (name, separator) => {
        const text = name.map((rdn) => rdn.map(written).join('+')).join(separator);
        const expected = name.map((rdn) =>
          rdn.map(([type, value]) => ({ type: type.toUpperCase().replace('OID.', ''), value })),
        );
        expect(readDistinguishedName(text)).toEqual(expected);
        const common = name.flat().filter(([type]) => /^(?:cn|(?:OID\.)?2\.5\.4\.3)$/i.test(type));
        const called = calledBySubject(text);
        // By his only common name, or by all of it: never by a part that somebody put into another attribute.
        expect([text, ...(common.length === 1 ? [common[0]![1]] : [])]).toContain(called);
        if (called !== text) expect(called).not.toMatch(/[=,+;"\\<>\n\t]|^#/);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['C=DE,O=Example,CN=billing.example', 'billing.example'],
    ['CN=billing.example, O=A/B', 'billing.example'],
    ['CN=Zoë Müller+UID=7,O=x', 'Zoë Müller'],
    ['O=x\\,CN\\=admin,CN=mallory', 'mallory'],
    ['O="x,CN=admin",CN=mallory', 'mallory'],
    ['O=x/CN=admin,CN=mallory', 'mallory'],
    ['CN=admin,CN=mallory', 'CN=admin,CN=mallory'],
    ['CN=mallory+CN=admin', 'CN=mallory+CN=admin'],
    ['O=x\\,CN=admin', 'O=x\\,CN=admin'],
    ['CN=CN\\=admin', 'CN=CN\\=admin'],
    ['CN=admin\\, O\\=Bank', 'CN=admin\\, O\\=Bank'],
    ['/O=x/CN=admin', '/O=x/CN=admin'],
    ['CN=admin\u202e', 'CN=admin\u202e'],
    ['CN=', 'CN='],
  ])('with %s is called %s', (subject, name) => expect(calledBySubject(subject)).toBe(name));

  it('reads hostile ones in little time', () => {
    for (const text of ['CN=' + ' '.repeat(50_000) + '<', 'CN="' + '\\a'.repeat(50_000), 'CN=a,'.repeat(50_000)])
      calledBySubject(text);
  });
});

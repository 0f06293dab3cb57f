import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hidesSecret, hidesSecretBeyondDoubt } from '../../../lib/event/privacy/hidden-secrets';
import { codings } from './codings';

describe('a secret is seen', () => {
  it.each([
    ['in the value of a value', 'a=token=hunter2'],
    ['in the third of them', 'a=b=c=token=hunter2'],
    ['in a quoted value', 'msg="password=hunter2"'],
    ['in a query within a query', '/login?return=token=hunter2'],
    ['in a path and a query', '?next=/login?return=/x?token=hunter2'],
    ['behind a harmless name', 'page=1,token=hunter2'],
    ['in a list of matrix parameters', 'a;b=1;token=hunter2'],
    ['in a header', 'Cookie: theme=dark'],
    ['in a log line', 'level=info msg="login failed" password=hunter2'],
    ['in YAML', 'password:   hunter2'],
    ['in Markdown', '**password**: hunter2'],
    ['in Ruby', ':password => "hunter2"'],
    ['in a shell', 'export DB_PASSWORD="hunter2"'],
    ['after a template', '${password}=hunter2'],
    ['in XML', '<login><password>hunter2</password></login>'],
    ['in XML with attributes', '<ns:Password kind="x"> hunter2'],
    ['in CDATA', '<password><![CDATA[hunter2]]></password>'],
    ['in an attribute', '<input name="password" value="hunter2">'],
    ['in words', 'mot de passe : hunter2'],
    ['in words of an answer', 'Security answer: blue'],
    ['in another language', 'contraseña=hunter2'],
    ['in a pair', '{"name":"password","value":"hunter2"}'],
    ['in a pair the other way round', '{"value":"hunter2","name":"password"}'],
    ['in a patch', '{"op":"replace","path":"/password","value":"hunter2"}'],
    ['in a list of pairs', '[["user","bob"],["password","hunter2"]]'],
    ['in a list of pairs, next to a string', '["x","password","hunter2"]'],
    ['in JSON with escapes', '{"p\\u0061ssword":"hunter2"}'],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(JSON.stringify({ password: 'hunter2' })))],
    ['in HTML entities', '&#112;assword&equals;hunter2'],
    ['after broken percent-encoding', '%zz%74oken=hunter2'],
    ['after bytes that are no UTF-8', '%ff%74oken=hunter2'],
    ['in the encoding of IIS', '%u0074oken=hunter2'],
  ])('%s: %s', (_, text) => {
    expect(hidesSecret(text)).toBe(true);
    expect(hidesSecretBeyondDoubt(text)).toBe(true);
  });

  it.each([
    'http://bob:hunter2@host/', 'HTTP://bob:hunter2@host', 'hTtPs://hunter2@host', '//bob:hunter2@host/x', '\\\\bob:hunter2@host',
    'https:\\\\bob:hunter2@host', 'https:/\\bob:hunter2@host', 'https:bob:hunter2@host', 'https:/bob:hunter2@host',
    'https:///bob:hunter2@host', 'ht\ntps://bob:hunter2@host', 'https:/\t/bob:hunter2@host', 'https://bob:hunter2%40host',
    'https://bob%3Ahunter2%40host/', 'https%3A%2F%2Fbob%3Ahunter2%40host', 'https%253A%252F%252Fbob%253Ahunter2%2540host',
    'https:\\/\\/bob:hunter2@host', 'https:\\u002f\\u002fbob:hunter2\\u0040host', 'postgres://bob:hun/ter2@host/db',
    'redis://:hunter2@cache', 'amqps://bob:p@ss@host', 'see https://a/ and https://bob:hunter2@host.', 'url=//bob:hunter2@host',
    'postgresql+asyncpg://bob:hunter2@h', '{"url":"https://bob:hunter2@host"}', '<a href="//bob:hunter2@host">',
  ])('in a URL: %j', (url) => {
    expect(hidesSecretBeyondDoubt(url)).toBe(true);
  }); // prettier-ignore

  it('through every pair of codings', () => {
    for (const [outer, encode] of Object.entries(codings)) {
      for (const [inner, encodeFirst] of Object.entries(codings)) {
        for (const text of ['password=hunter2', '{"clave":"hunter2"}', 'https://bob:hunter2@host/', '[["pin","12"]]']) {
          expect(hidesSecret(encode(encodeFirst(text))), `${outer} of ${inner} of ${text}`).toBe(true);
        }
      }
    }
  });

  it('where layers go deeper than anybody needs', () => {
    expect(hidesSecret('%' + '25'.repeat(20) + '41')).toBe(true);
    expect(hidesSecret('%' + '25'.repeat(3) + '41')).toBe(false);
  });

  it('whatever stands around it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab=:&?;,/ \'"{}[]<>%\\@#+.') }),
        fc.constantFrom('token', 'password', 'user[pin]', 'contraseña', 'apiKey'),
        fc.constantFrom('=', ':', '": "', '%3D'),
        (around, name, separator) => {
          // A character that no name has in front of the name, so that it is one.
          expect(hidesSecret(`${around} ${name}${separator}hunter2`)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('no secret is seen', () => {
  it.each([
    'a=1&b=2', 'page=2;limit=50', 'filter=status:open', 'sort=-created_at', 'https://shop.example/a?b=c', 'http://host:8080/@alice',
    'https://host:8443?mail=a@b.c', 'https://medium.com/@alice/story', 'alice@example.com', 'mailto:alice@example.com',
    'email:alice@example.com', 'user/repo:tag', 'name=password', 'password', 'password reset', 'token=', 'password: ""',
    'C:\\temp\\new', '50% of 100%', 'a+b', 'SELECT * FROM orders WHERE id = 7', '<b>bold</b>', '<a href="/x">link</a>',
    '["a","b"]', '{"name":"color","value":"blue"}', 'time 12:30:45', 'for=192.0.2.43;proto=https', '2001:db8::1',
    'Das Passwort wurde geändert', 'el código postal', 'urn:isbn:0451450523', 'rv:109.0', 'aGVsbG8gd29ybGQ', 'images/node:@latest',
  ])('%j', (text) => {
    expect(hidesSecret(text)).toBe(false);
  }); // prettier-ignore
});

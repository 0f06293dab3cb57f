import { describe, expect, it } from 'vitest';
import { redactPath, redactQuery, redactUrl } from '../../../lib/event/privacy/redact-url';

const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const percentEncoded = (text: string) =>
  [...Buffer.from(text)].map((byte) => '%' + byte.toString(16).padStart(2, '0')).join('');

describe('a query', () => {
  it.each([
    ['token=abc', 'token=[redacted]'],
    ['a=1&token=abc&b=2', 'a=1&token=[redacted]&b=2'],
    ['token=a=b', 'token=[redacted]'],
    ['token=', 'token='],
    ['%74oken=abc', '%74oken=[redacted]'],
    ['%2574oken=abc', '%2574oken=[redacted]'],
    ['user%5Bpassword%5D=abc', 'user%5Bpassword%5D=[redacted]'],
    ['TOKEN=abc', 'TOKEN=[redacted]'],
    [`id=${JWT}`, 'id=[redacted]'],
    [`id=${percentEncoded(JWT)}`, 'id=[redacted]'],
    [`id=${percentEncoded(percentEncoded(JWT))}`, 'id=[redacted]'],
    [JWT, '[redacted]'],
    [`${JWT}=1`, '[redacted]=1'],
    ['token%3Dabc', '[redacted]'],
    ['next=%2Flogin%3Ftoken%3Dabc', 'next=[redacted]'],
    ['next=%252Flogin%253Ftoken%253Dabc', 'next=[redacted]'],
    ['next=/login?token=abc', 'next=[redacted]'],
    ['filter={"password":"abc"}', 'filter=[redacted]'],
    ['filter=password:abc', 'filter=[redacted]'],
    ['a=1;token=abc', 'a=[redacted]'],
    ['url=https://user:hunter2@host/', 'url=[redacted]'],
    ['h=Bearer+abcdefgh', 'h=[redacted]'],
    ['card=4111+1111+1111+1111', 'card=[redacted]'],
    ['s=wJalrXUtnFEMI%2FK7MDENG%2FbPxRfiCYEXAMPLEKEY', 's=[redacted]'],
    ['X-Amz-Credential=AKIA&X-Amz-Signature=fe5f', 'X-Amz-Credential=[redacted]&X-Amz-Signature=[redacted]'],
    ['code=4%2F0AX4&state=xyz', 'code=[redacted]&state=xyz'],
  ])('%s', (query, expected) => {
    expect(redactQuery(query)).toBe(expected);
  });

  it.each([
    '',
    '&',
    '=',
    'flag',
    'page=2&limit=50&offset=100&sort=-created_at',
    'cursor=b3JkZXI6MTI',
    'id=550e8400-e29b-41d4-a716-446655440000',
    'from=2026-11-24T07%3A30%3A00.000Z&to=2026-11-25',
    'since=1764000000000',
    'q=red+shoes&countryCode=DE&className=x&businessName=Example',
    'next=%2Forders%3Fpage%3D2',
    'broken=%zz&%=1',
    'a[]=1&a[]=2',
  ])('that is harmless stays byte for byte: %s', (query) => {
    expect(redactQuery(query)).toBe(query);
  });
});

describe('a path', () => {
  it.each([
    [`/v/${JWT}/x`, '/v/[redacted]/x'],
    [`/v/${percentEncoded(JWT)}/x`, '/v/[redacted]/x'],
    ['/reset-token/abc', '/reset-token/[redacted]'],
    ['/reset-password/abc/x', '/reset-password/[redacted]/x'],
    ['/password-reset/abc', '/password-reset/[redacted]'],
    ['/resetToken/abc', '/resetToken/[redacted]'],
    ['/%74oken/abc', '/%74oken/[redacted]'],
    ['/api-keys/abc', '/api-keys/[redacted]'],
    ['/magic-link/abc', '/magic-link/[redacted]'],
    ['/otp/123456', '/otp/[redacted]'],
    ['/token/abc;x=1', '/token/[redacted]'],
    ['/orders;jsessionid=abc', '/orders;jsessionid=[redacted]'],
    ['/orders;v=1;token=abc/7', '/orders;v=1;token=[redacted]/7'],
    ['/orders%3Bjsessionid%3Dabc', '/orders;[redacted]'],
    ['/orders%253Bjsessionid%253Dabc', '/[redacted]'],
    ['/token=abc/x', '/[redacted]/x'],
    ['/a/password:abc', '/a/[redacted]'],
    ['/cards/4111111111111111', '/cards/[redacted]'],
    ['/AKIAIOSFODNN7EXAMPLE', '/[redacted]'],
    ['/fetch/https://user:hunter2@host/x', '/fetch/https://[redacted]/x'],
    ['/fetch/https%3A%2F%2Fuser%3Ahunter2%40host', '/fetch/[redacted]'],
  ])('%s', (path, expected) => {
    expect(redactPath(path)).toBe(expected);
  });

  it.each([
    '/',
    '',
    '//',
    '/orders/7',
    '/orders/550e8400-e29b-41d4-a716-446655440000/items/3',
    '/orders/507f1f77bcf86cd799439011',
    '/days/2026-11-24',
    '/since/1764000000000',
    '/sessions/12',
    '/keys/12',
    '/oauth/token',
    '/otp/',
    '/potpie/apple',
    '/blog/2026-11-24-how-we-moved-2000-machines-without-a-pause',
    '/a%2Fb/%zz',
    '/orders;v=1',
    '/@alice/posts',
    '/a//b/~!$&()*+,;=:@',
    '/images/node:@latest',
  ])('that is harmless stays byte for byte: %s', (path) => {
    expect(redactPath(path)).toBe(path);
  });
});

describe('a URL', () => {
  it.each([
    ['https://shop.example/cart?page=2', 'https://shop.example/cart?page=2'],
    ['https://shop.example/cart?token=abc&page=2', 'https://shop.example/cart?token=[redacted]&page=2'],
    ['https://shop.example/cb#access_token=abc', 'https://shop.example/cb'],
    ['https://user:hunter2@shop.example/x', 'https://shop.example/x'],
    ['https://user@shop.example', 'https://shop.example'],
    ['//user:hunter2@shop.example/x', '//shop.example/x'],
    ['https://shop.example', 'https://shop.example'],
    ['https://shop.example:8443/a', 'https://shop.example:8443/a'],
    ['https://[2001:db8::1]:8443/a', 'https://[2001:db8::1]:8443/a'],
    ['/login?next=/x', '/login?next=/x'],
    ['/login?code=abc', '/login?code=[redacted]'],
    [`https://shop.example/${JWT}`, 'https://shop.example/[redacted]'],
    [`https://${JWT}.shop.example/x`, '[redacted]/x'],
    [JWT, '[redacted]'],
    ['https://shop.example?token=abc', 'https://shop.example?token=[redacted]'],
    ['null', 'null'],
    ['', ''],
  ])('%s', (url, expected) => {
    expect(redactUrl(url)).toBe(expected);
  });
});

it('takes no time by the square of what a caller sends', () => {
  const hostile = [':', '@', ':a', '/', '//', ';', '%3b', '&', '=', '?', '#', '%25', 'token', 'token/', '-otp', 'a'];
  for (const part of hostile) {
    for (const redact of [redactPath, redactQuery, redactUrl]) {
      const before = process.cpuUsage();
      redact('/' + part.repeat(30_000));
      // Processor time: a busy machine is no fault.
      const elapsed = process.cpuUsage(before).user / 1000;
      expect(elapsed, `${redact.name} of ${part} took ${elapsed} ms`).toBeLessThan(800);
    }
  }
});

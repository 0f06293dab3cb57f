import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IDENTITY_HEADERS, identityHeaderTest } from '../../lib/identity/identity-headers';
import { checkRoute } from '../../lib/routing/route';

const PAGE = readFileSync(path.join(__dirname, '..', '..', 'docs', 'identity.md'), 'utf8');
const isIdentityHeader = identityHeaderTest();

describe('headers in which a caller could tell who he is', () => {
  it('are those that docs/identity.md lists', () => {
    const table = PAGE.slice(PAGE.indexOf('| set or believed by'));
    const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2);
    const told = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    expect(told.map(([, of, names]) => ({ of, names: names!.split(', ').map((name) => name.slice(1, -1)) }))).toEqual(
      IDENTITY_HEADERS,
    );
  });

  it.each([
    'OIDC_CLAIM_sub', 'OIDC-Claim-Email', 'Shib-Session-ID', 'X-Envoy-Peer-Metadata', 'X-Hasura-Role', 'X-Hasura-User-Id',
    'X-JWT-Assertion', 'Impersonate-User', 'Impersonate-Group', 'Impersonate-Uid', 'Impersonate-Extra-scopes', 'CF-Connecting-IP',
    'X-AppEngine-User-Email', 'X-AppEngine-User-Is-Admin', 'X-Auth-User', 'X-User-Id', 'X-User-Name', 'X-User-Email', 'X-User-Roles', 'SM_USER',
    'SM_UNIVERSALID', 'iv-user', 'iv_user', 'X-Middleware-Subrequest', 'X-Amzn-Oidc-Data', 'X-Goog-Iap-Jwt-Assertion',
    'X-MS-CLIENT-PRINCIPAL', 'X-MS-CLIENT-PRINCIPAL-NAME', 'X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups',
    'X-Forwarded-Preferred-Username', 'Remote-User', 'REMOTE_USER', 'X-Remote-User', 'X-Remote-Extra-scopes', 'Tailscale-User-Login',
    'Cf-Access-Authenticated-User-Email', 'X-Pomerium-Claim-Email', 'X-Authenticated-Userid', 'X-Consumer-Username', 'X-Credential-Identifier',
    'X-Real-IP', 'True-Client-IP', 'X-Vouch-User', 'X-authentik-username', 'Client-Cert', 'X-SSL-Client-S-DN', 'X-Forwarded-Client-Cert',
  ])('%s is one, in any spelling', (name) => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.tuple(fc.boolean(), fc.constantFrom('-', '_', '.'))), (choices) => {
        const spelled = [...name].map((character) => {
          const [upper, joint] = choices.next().value as [boolean, string];
          return /[-_]/.test(character) ? joint : upper ? character.toUpperCase() : character.toLowerCase();
        });
        expect(isIdentityHeader(spelled.join(''))).toBe(true);
      }),
      { numRuns: 20 },
    );
  }); // prettier-ignore

  it.each([
    'X-User-Agent', 'User-Agent', 'X-Auth-Token', 'Authorization', 'Cookie', 'X-Api-Key', 'X-Token', 'X-Csrf-Token', 'X-Request-Id', 'Accept',
    'X-Hasura-Admin-Secret', 'X-Amz-Date', 'X-Amz-Security-Token', 'X-Amz-Content-Sha256', 'X-Amzn-Trace-Id', 'X-Goog-Api-Key', 'Content-Type',
    'X-Requested-With', 'X-Users', 'X-User-Preferences', 'X-Remote', 'Origin', 'X-Ms-Version', 'X-Ms-Date', 'Traceparent', 'Idempotency-Key',
    '__proto__', 'constructor', 'X-Middleware-Prefetch',
  ])('%s is none', (name) => expect(isIdentityHeader(name)).toBe(false)); // prettier-ignore

  it('are more where a route says so', () => {
    const test = identityHeaderTest(['X-Corp_*', 'X-Badge']);
    for (const name of ['x-corp-id', 'X_CORP_', 'x_badge', 'X-User-Id']) expect(test(name)).toBe(true);
    for (const name of ['x-corp', 'x-badge-no']) expect(test(name)).toBe(false);
    const problems = (stripHeaders: string[]) => checkRoute({ path: '/', upstream: 'http://a', stripHeaders });
    expect(problems(['X-Corp-*', 'x_badge'])).toEqual([]);
    for (const wrong of ['', '*', 'a b', 'x*y', 'x\n', 'x:']) {
      expect(problems([wrong])).toMatchObject([
        { key: 'stripHeaders', message: expect.stringContaining(JSON.stringify(wrong)) as string },
      ]);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimsOf } from '../../lambda/proxy/assertion/claims';
import { cleanString, cutString } from '../../lib/event/clean';
import { writtenId, writtenIdWithoutSecret } from '../../lib/event/written-id';
import { hasSecretShape } from '../../lib/event/privacy/secrets';
import { callerOf, type Verified } from '../../lib/identity/caller';
import { sealedEvents } from '../support/request-facts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0';
const SECRET = fc.oneof(
  fc.stringMatching(/^[\w-]{10,40}$/).map((end) => `${JWT}.${end}`),
  fc.stringMatching(/^[a-z0-9]{8,20}$/).map((end) => `Bearer ${end}`),
  fc.stringMatching(/^[A-Za-z0-9]{8,20}$/).map((end) => `sk_${end}`),
  fc.stringMatching(/^[A-Z0-9]{16}$/).map((end) => `AKIA${end}`),
);
const ID: fc.Arbitrary<string> = fc.oneof(
  SECRET,
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 4 }).map((units) => String.fromCharCode(...units)),
  fc.string({ minLength: 500, maxLength: 530 }).map((start) => start.padEnd(1_100, 'x')),
  fc.constantFrom('\n', '\\u000a', '\ud800', '\udc00', '\ufffd', 'sha256:', '[redacted]', 'a', 'A', ' a'),
); // prettier-ignore
/** Two ids, of which one may be what the other is written as. */
const PAIR = fc.oneof(
  fc.tuple(ID, ID),
  ID.map((id) => [id, writtenIdWithoutSecret(id)] as const),
  ID.map((id) => [id, cleanString(id)] as const),
  ID.map((id) => [id + 'x'.repeat(2_000), cutString(id + 'x'.repeat(2_000), 1_024)] as const),
);

/** Each way in which somebody's id comes in. */
const KINDS: Readonly<Record<string, (id: string) => Verified>> = {
  lambda: (principalId) => ({ lambda: { principalId } }),
  jwt: (sub) => ({ claims: { sub, iss: 'https://id.example' } }),
  iam: (name) => ({ iam: { userArn: `arn:aws:iam::123456789012:user/${name}` } }),
  certificate: (name) => ({ certificate: { subjectDN: `CN=${name}`, issuerDN: 'CN=CA', serialNumber: '7' } }),
};

function told(verified: Verified) {
  const who = callerOf(verified);
  const [attempt] = sealedEvents({ who });
  const claims = claimsOf({ who, service: 's', correlationUid: 'c', requestUid: 'r' });
  return { uid: attempt?.event.actor?.user?.uid, sub: claims.sub, line: attempt!.line, claims: JSON.stringify(claims) };
}

describe('the id of a caller', () => {
  it.each(Object.keys(KINDS))('is never that of another one, in the event or the assertion: %s', (kind) => {
    const verified = KINDS[kind]!;
    fc.assert(
      fc.property(PAIR, ([one, other]) => {
        if (one === other) return;
        const [first, second] = [told(verified(one)), told(verified(other))];
        expect(first.uid).toBeDefined();
        expect(first.uid).not.toBe(second.uid);
        expect(first.sub).not.toBe(second.sub);
        expect(first.uid).toBe(first.sub);
      }),
      { numRuns: 400 },
    );
  });

  it('is the same each time, and holds nothing of a secret that an authorizer made the principal', () => {
    fc.assert(
      fc.property(SECRET, (secret) => {
        if (!hasSecretShape(secret)) return;
        const lambda = { principalId: secret, roles: secret, nick: secret, app: secret, sid: secret, mail: secret };
        const names = { name: 'nick', groups: 'roles', client: 'app', session: 'sid', email: 'mail' };
        const who = callerOf({ lambda }, names);
        expect(JSON.stringify(who.actor)).not.toContain(secret.slice(-8));
        const { uid, line, claims } = told({ lambda });
        expect(uid).toMatch(/^sha256:[0-9a-f]{64}$/);
        expect(uid).toBe(told({ lambda }).uid);
        expect(line + claims).not.toContain(secret.slice(-8));
      }),
    );
  });

  it('is as it came where nothing speaks against it', () => {
    for (const id of ['auth0|64f0', 'user-7', 'ü@example.com', 'sha256', 'x'.repeat(512)])
      expect(writtenId(id)).toBe(id);
    expect(writtenId('sha256:00')).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

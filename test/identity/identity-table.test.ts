import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { leaves } from '../support/leaf-paths';
import { DEFAULT_CLAIM_NAMES } from '../../lib/identity/claim-names';
import { callerOf, type Caller } from '../../lib/identity/caller';

const PAGE = readFileSync(path.join(__dirname, '..', '..', 'docs', 'identity.md'), 'utf8');

/** Rows of the first table after a text, without head and rule. */
function rowsAfter(text: string): string[][] {
  const lines = PAGE.slice(PAGE.indexOf(text)).split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const rest = lines.slice(first);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** `a`, `b` -> [a, b] */
function codes(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

const CLAIMS = {
  sub: 'u-1', email: 'alice@example.com', iss: 'https://id.example', groups: 'buyers', jti: 't-1', iat: '1764000000',
  exp: '1764003600', amr: '[pwd mfa]', client_id: 'web',
}; // prettier-ignore
const CERTIFICATE = { subjectDN: 'CN=a.example', issuerDN: 'CN=CA', serialNumber: '01:02' };

/** A caller of each kind with everything that can be known of him. */
const CALLERS: readonly Caller[] = [
  callerOf({
    iam: {
      userArn: 'arn:aws:sts::123456789012:assumed-role/billing/run-7',
      accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      organizationId: 'o-1',
    },
  }),
  callerOf({ claims: CLAIMS }),
  callerOf({ claims: { ...CLAIMS, iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A' } }),
  callerOf(
    { lambda: { principalId: 'p', mail: 'a@example.com', roles: 'buyers', app: 'web', sid: 's-1' } },
    { email: 'mail', groups: 'roles', client: 'app', session: 'sid' },
  ),
  callerOf({ certificate: CERTIFICATE }),
  callerOf({ apiKeyId: 'key-7' }),
  callerOf({}),
];

describe('docs/identity.md', () => {
  const [head = [], , ...rows] = rowsAfter('| event field');

  it('has a column for each kind of caller', () => {
    expect(head.slice(1).flatMap(codes).sort()).toEqual(CALLERS.map(({ type }) => type).sort());
  });

  it.each(CALLERS.map((caller) => [caller.type, caller] as const))(
    'tells what events hold of %s',
    (type, { actor }) => {
      const column = head.findIndex((cell) => codes(cell).includes(type));
      const told = rows.filter((row) => row[column] !== '–').flatMap(([fields]) => codes(fields));
      expect([...leaves(actor)].sort()).toEqual(told.sort());
    },
  );

  it('tells the usual names of claims', () => {
    const [, , ...names] = rowsAfter('| key | default');
    const told = Object.fromEntries(names.map(([key, usual]) => [codes(key)[0], codes(usual)]));
    expect(told).toEqual(DEFAULT_CLAIM_NAMES);
  });
});

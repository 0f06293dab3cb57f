import { describe, expect, it } from 'vitest';
import { whoOfHttpEvent } from '../../../lambda/proxy/identity/http-identity';
import type { Who } from '../../../lib/event/request-facts';
import { httpEvent } from '../../support/gateway-events';
import { schemaErrors } from '../../support/ocsf';
import { sealedEvents } from '../../support/request-facts';

function whoOf(context: Record<string, unknown>): Who {
  return whoOfHttpEvent(httpEvent({ context }).requestContext);
}

const ISSUER = 'https://login.example.com/';

const CASES: readonly [string, Who, Record<string, unknown>][] = [
  [
    'a role session',
    whoOf({
      authorizer: {
        iam: {
          accessKey: 'ASIAIOSFODNN7EXAMPLE',
          accountId: '123456789012',
          callerId: 'AROA:s',
          cognitoIdentity: null,
          principalOrgId: 'o-1',
          userArn: 'arn:aws:sts::123456789012:assumed-role/deployer/session-1',
          userId: 'AROA:s',
        },
      },
    }),
    {
      type: 'iam',
      actor: {
        user: {
          name: 'deployer',
          uid: 'arn:aws:iam::123456789012:role/deployer',
          org: { uid: 'o-1' },
          programmatic_credentials: [{ uid: 'ASIAIOSFODNN7EXAMPLE' }],
        },
        session: { uid: 'session-1' },
      },
    },
  ],
  [
    'a JWT, whose lists and numbers come as text',
    whoOf({
      authorizer: {
        jwt: {
          claims: {
            sub: 'auth0|1',
            iss: ISSUER,
            aud: 'api://orders',
            azp: 'web-client',
            groups: '[admins staff]',
            amr: '[pwd mfa]',
            exp: '1.764003600E9',
            iat: '1764000000',
            jti: 'token-id-1',
            preferred_username: 'alice',
          },
          scopes: null,
        },
      },
    }),
    {
      type: 'jwt',
      actor: {
        user: { name: 'alice', uid: 'auth0|1', type_id: 1, groups: [{ name: 'admins' }, { name: 'staff' }] },
        session: {
          uid: 'token-id-1',
          created_time: 1_764_000_000_000,
          expiration_time: 1_764_003_600_000,
          is_mfa: true,
        },
        idp: { name: ISSUER, issuer: ISSUER },
        app_name: 'web-client',
        app_uid: 'web-client',
      },
    },
  ],
  [
    'a JWT with real lists and numbers',
    whoOf({ authorizer: { jwt: { claims: { sub: '1', groups: ['a', 'b'], exp: 1_764_003_600, amr: ['pwd'] } } } }),
    {
      type: 'jwt',
      actor: {
        user: { groups: [{ name: 'a' }, { name: 'b' }] },
        session: { expiration_time: 1_764_003_600_000, is_mfa: false },
      },
    },
  ],
  [
    'a JWT of Cognito',
    whoOf({
      authorizer: {
        jwt: {
          claims: {
            sub: '1',
            iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x',
            'cognito:groups': '[admins]',
            username: 'alice',
            client_id: 'client-1',
          },
        },
      },
    }),
    { type: 'cognito', actor: { user: { name: 'alice', type_id: 1, groups: [{ name: 'admins' }] } } },
  ],
  [
    'a JWT of somebody who names himself after Cognito',
    whoOf({ authorizer: { jwt: { claims: { sub: '1', iss: 'https://evil.example/cognito-idp.x.amazonaws.com' } } } }),
    { type: 'jwt' },
  ],
  [
    'a JWT with times that no clock shows',
    whoOf({ authorizer: { jwt: { claims: { sub: '1', exp: '1e300', iat: 'NaN', auth_time: 'Infinity' } } } }),
    { type: 'jwt', actor: { session: { expiration_time: undefined, created_time: undefined } } },
  ],
  [
    'a Lambda authorizer',
    whoOf({ authorizer: { lambda: { username: 'alice', apiToken: 'hush' } } }),
    { type: 'lambda', actor: { user: { name: 'alice', uid: 'alice' } } },
  ],
  [
    'a Lambda authorizer without context',
    whoOf({ authorizer: { lambda: null } }),
    { type: 'lambda', actor: { user: { name: 'unnamed' } } },
  ],
  [
    'a client certificate',
    whoOf({
      authentication: {
        clientCert: { subjectDN: 'CN=a.example, O=A/B', issuerDN: 'CN=CA', serialNumber: '7', validity: {} },
      },
    }),
    { type: 'certificate', actor: { user: { name: 'a.example' }, idp: { name: 'CN=CA' } } },
  ],
  ['nobody', whoOf({}), { type: 'anonymous' }],
  ['nobody, with an empty IAM context', whoOf({ authorizer: { iam: { userArn: null } } }), { type: 'anonymous' }],
];

describe('who asks an HTTP API', () => {
  it.each(CASES)('%s', (_, who, expected) => {
    expect(who).toMatchObject(expected);
  });

  it.each(CASES)('makes valid events: %s', (_, who) => {
    for (const sealed of sealedEvents({ who })) {
      expect(schemaErrors(sealed.event)).toEqual([]);
      expect(sealed.line).not.toContain('hush');
    }
  });
});

import type { APIGatewayProxyEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { whoOfRestEvent } from '../../../lambda/proxy/identity/rest-identity';
import type { Who } from '../../../lib/event/request-facts';
import { restEvent } from '../../support/gateway-events';
import { schemaErrors } from '../../support/ocsf';
import { sealedEvents } from '../../support/request-facts';

const API_KEY = 'PKwVjTZLNZ4gtd8rU9TwN2aPmCmxZBQ31AgmJ3Ab';
const ISSUER = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb';

type Identity = Partial<APIGatewayProxyEvent['requestContext']['identity']>;

function whoOf(identity: Identity, authorizer: Record<string, unknown> | null = null): Who {
  return whoOfRestEvent(
    restEvent({ identity: { apiKey: API_KEY, ...identity }, context: { authorizer } }).requestContext,
  );
}

const CLAIMS = {
  sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  aud: 'client-1',
  iss: ISSUER,
  'cognito:username': 'alice',
  'cognito:groups': 'admins,staff',
  email: 'alice@example.com',
  email_verified: 'true',
  token_use: 'id',
  auth_time: '1764000000',
  iat: 'Mon Nov 24 16:00:00 UTC 2025',
  exp: 'Mon Nov 24 17:00:00 UTC 2025',
  origin_jti: 'session-1',
};

const CERTIFICATE = {
  clientCertPem: '-----BEGIN CERTIFICATE-----',
  subjectDN: 'C=DE,O=Example,CN=billing.example',
  issuerDN: 'CN=Example CA',
  serialNumber: '01:02',
  validity: { notBefore: 'May 28 12:30:02 2019 GMT', notAfter: 'Aug  5 09:36:04 2029 GMT' },
};

const CASES: readonly [string, Who, Record<string, unknown>][] = [
  [
    'an IAM user',
    whoOf({
      userArn: 'arn:aws:iam::123456789012:user/ops/alice',
      accountId: '123456789012',
      accessKey: 'AKIAIOSFODNN7EXAMPLE',
      principalOrgId: 'o-1234567890',
    }),
    {
      type: 'iam',
      actor: {
        user: {
          name: 'alice',
          uid: 'arn:aws:iam::123456789012:user/ops/alice',
          type_id: 1,
          account: { uid: '123456789012', type_id: 3, type: 'AWS IAM User' },
          org: { uid: 'o-1234567890' },
          programmatic_credentials: [{ uid: 'AKIAIOSFODNN7EXAMPLE', type: 'AWS access key' }],
        },
        session: undefined,
        idp: { name: 'AWS IAM', protocol_name: 'SigV4' },
      },
    },
  ],
  [
    'a role session',
    whoOf({
      userArn: 'arn:aws-cn:sts::123456789012:assumed-role/team/deployer/alice@example.com',
      accountId: '123456789012',
    }),
    {
      type: 'iam',
      actor: {
        user: {
          name: 'team/deployer',
          uid: 'arn:aws-cn:iam::123456789012:role/team/deployer',
          type_id: 4,
          account: { uid: '123456789012', type_id: 4, type: 'AWS IAM Role' },
        },
        session: { uid: 'alice@example.com', issuer: 'arn:aws-cn:iam::123456789012:role/team/deployer' },
      },
    },
  ],
  [
    'the root user',
    whoOf({ userArn: 'arn:aws:iam::123456789012:root' }),
    {
      type: 'iam',
      actor: {
        user: {
          name: 'root',
          uid: 'arn:aws:iam::123456789012:root',
          account: { uid: '123456789012', type_id: 10, type: 'AWS Account' },
        },
      },
    },
  ],
  [
    'a federated user',
    whoOf({ userArn: 'arn:aws:sts::123456789012:federated-user/bob' }),
    { type: 'iam', actor: { user: { name: 'bob', uid: 'arn:aws:sts::123456789012:federated-user/bob' } } },
  ],
  [
    'a Cognito user',
    whoOf({}, { claims: CLAIMS }),
    {
      type: 'cognito',
      actor: {
        user: {
          name: 'alice@example.com',
          uid: CLAIMS.sub,
          type_id: 1,
          email_addr: 'alice@example.com',
          domain: ISSUER,
          groups: [{ name: 'admins' }, { name: 'staff' }],
        },
        session: {
          uid: 'session-1',
          issuer: ISSUER,
          created_time: 1_764_000_000_000,
          expiration_time: Date.UTC(2025, 10, 24, 17),
          is_mfa: undefined,
        },
        idp: { name: 'Amazon Cognito', issuer: ISSUER, protocol_name: 'OpenID Connect' },
        app_uid: 'client-1',
      },
    },
  ],
  [
    'a Cognito client of its own (client credentials)',
    whoOf({}, { claims: { sub: 'client-9', client_id: 'client-9', iss: ISSUER, token_use: 'access' } }),
    {
      type: 'cognito',
      actor: { user: { uid: 'client-9', type_id: 4, type: 'Service' }, app_name: 'client-9', app_uid: 'client-9' },
    },
  ],
  [
    'a Cognito user with broken claims',
    whoOf({}, { claims: { sub: 'x', exp: 'never', auth_time: '', 'cognito:groups': '' } }),
    { actor: { session: { created_time: undefined, expiration_time: undefined }, user: { uid: 'x', groups: [] } } },
  ],
  [
    'a caller whom a Lambda authorizer let in',
    whoOf({}, { principalId: 'user|42', secret: 'hush', integrationLatency: 12 }),
    { type: 'lambda', actor: { user: { name: 'user|42', uid: 'user|42' }, idp: { name: 'Lambda authorizer' } } },
  ],
  [
    'a caller whose authorizer makes the token the principal',
    whoOf({}, { principalId: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln' }),
    { type: 'lambda', actor: { user: { uid: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string } } },
  ],
  [
    'an API key alone, by its id',
    whoOf({ apiKeyId: 'key-id-1' }),
    {
      type: 'api_key',
      actor: { user: { name: 'key-id-1', programmatic_credentials: [{ uid: 'key-id-1', type: 'API key' }] } },
    },
  ],
  [
    'an API key beside another identity',
    whoOf({ apiKeyId: 'key-id-1', userArn: 'arn:aws:iam::1:user/a', accessKey: 'AKIAIOSFODNN7EXAMPLE' }),
    {
      type: 'iam',
      actor: {
        user: {
          name: 'a',
          programmatic_credentials: [
            { uid: 'AKIAIOSFODNN7EXAMPLE', type: 'AWS access key' },
            { uid: 'key-id-1', type: 'API key' },
          ],
        },
      },
    },
  ],
  [
    'a client certificate',
    whoOf({ clientCert: CERTIFICATE }),
    {
      type: 'certificate',
      actor: {
        user: {
          name: 'billing.example',
          uid: 'C=DE,O=Example,CN=billing.example',
          domain: 'CN=Example CA',
          programmatic_credentials: [{ uid: '01:02', type: 'X.509 certificate' }],
        },
      },
    },
  ],
  ['nobody', whoOf({}), { type: 'anonymous', actor: { user: { name: 'anonymous' } } }],
  ['nobody, measured', whoOf({}, { integrationLatency: 3 }), { type: 'anonymous' }],
];

describe('who asks a REST API', () => {
  it.each(CASES)('%s', (_, who, expected) => {
    expect(who).toMatchObject(expected);
  });

  it.each(CASES)('makes a valid event without the API key: %s', (_, who) => {
    for (const sealed of sealedEvents({ who })) {
      expect(schemaErrors(sealed.event)).toEqual([]);
      expect(sealed.line).not.toContain(API_KEY);
      expect(sealed.line).not.toContain('hush');
      expect(sealed.line).not.toContain('BEGIN CERTIFICATE');
    }
  });

  it('is the strongest proof, however many there are', () => {
    const all = { userArn: 'arn:aws:iam::1:user/a', clientCert: CERTIFICATE, apiKeyId: 'key-id-1' };
    expect(whoOf(all, { claims: CLAIMS, principalId: 'p' }).type).toBe('iam');
    expect(whoOf({ ...all, userArn: null }, { claims: CLAIMS, principalId: 'p' }).type).toBe('cognito');
    expect(whoOf({ ...all, userArn: null }, { principalId: 'p' }).type).toBe('lambda');
    expect(whoOf({ ...all, userArn: null }).type).toBe('certificate');
  });

  it('takes no claims from a Lambda authorizer, whose context is text', () => {
    expect(whoOf({}, { principalId: 'p', claims: '{"sub":"root"}' }).type).toBe('lambda');
  });
});

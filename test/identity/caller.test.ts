import { describe, expect, it } from 'vitest';
import { whoOfHttpEvent } from '../../lambda/proxy/identity/http-identity';
import { whoOfRestEvent } from '../../lambda/proxy/identity/rest-identity';
import { callerOf } from '../../lib/identity/caller';
import { checkClaimNames } from '../../lib/identity/claim-names';
import { httpEvent, restEvent } from '../support/gateway-events';

/** From AWS's page on the payload format of Lambda proxy integrations, 2.0. */
const V2_SAMPLE = {
  authentication: {
    clientCert: {
      clientCertPem: 'CERT_CONTENT',
      subjectDN: 'www.example.com',
      issuerDN: 'Example issuer',
      serialNumber: 'a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1',
      validity: { notBefore: 'May 28 12:30:02 2019 GMT', notAfter: 'Aug  5 09:36:04 2021 GMT' },
    },
  },
  authorizer: { jwt: { claims: { claim1: 'value1', claim2: 'value2' }, scopes: ['scope1', 'scope2'] } },
};

/** From the same page, 1.0; an authorizer of nulls is nobody. */
const V1_SAMPLE = {
  identity: {
    accessKey: null, accountId: null, caller: null, cognitoAuthenticationProvider: null, cognitoAuthenticationType: null,
    cognitoIdentityId: null, cognitoIdentityPoolId: null, principalOrgId: null, sourceIp: '192.0.2.1', user: null,
    userAgent: 'user-agent', userArn: null, clientCert: V2_SAMPLE.authentication.clientCert,
  },
  context: { authorizer: { claims: null, scopes: null } },
}; // prettier-ignore

describe('the samples of AWS', () => {
  it('2.0: the claims count, the certificate stands beside them, scopes are known', () => {
    expect(whoOfHttpEvent(httpEvent({ context: V2_SAMPLE }).requestContext)).toMatchObject({
      type: 'jwt',
      actor: { user: { programmatic_credentials: [{ type: 'X.509 certificate' }] } },
      claims: { claim1: 'value1', claim2: 'value2' },
      scopes: ['scope1', 'scope2'],
      certificate: { subjectDN: 'www.example.com', issuerDN: 'Example issuer' },
    });
  });

  it('1.0: only the certificate is left', () => {
    const { requestContext } = restEvent(V1_SAMPLE as Parameters<typeof restEvent>[0]);
    expect(whoOfRestEvent(requestContext)).toMatchObject({
      type: 'certificate',
      actor: { user: { name: 'www.example.com', domain: 'Example issuer' } },
      claims: {},
      scopes: [],
    });
  });
});

describe('claim names', () => {
  const claims = {
    sub: 'u-1',
    oid: 'o-1',
    email: 'a@example.com',
    upn: 'alice',
    roles: 'buyers',
    groups: 'all',
    scp: 'a b',
  };

  it('are the usual ones unless chosen', () => {
    const caller = callerOf({ claims });
    expect(caller.actor.user).toMatchObject({ uid: 'u-1', name: 'a@example.com', groups: [{ name: 'all' }] });
    expect(caller).toMatchObject({ groups: ['all'], scopes: ['a', 'b'] });
  });

  it('that are chosen are the only ones looked at', () => {
    const caller = callerOf({ claims }, { user: 'oid', name: 'upn', groups: 'roles', email: 'mail' });
    expect(caller.actor.user).toMatchObject({ uid: 'o-1', name: 'alice', groups: [{ name: 'buyers' }] });
    expect(caller.actor.user?.email_addr).toBeUndefined();
    expect(caller.groups).toEqual(['buyers']);
    expect(callerOf({ claims: { sub: 'u-1', groups: 'admins' } }, { groups: 'roles' }).groups).toEqual([]);
  });

  it('hold for the context of a Lambda authorizer, of which nothing else is taken', () => {
    const lambda = { principalId: 'p-1', tenant: 't', nick: 'alice', roles: 'a,b', token: 'hush' };
    expect(callerOf({ lambda }).actor.user).toMatchObject({ uid: 'p-1', name: 'p-1', groups: [] });
    const caller = callerOf({ lambda }, { name: 'nick', groups: 'roles' });
    expect(caller.actor.user).toMatchObject({ uid: 'p-1', name: 'alice', groups: [{ name: 'a' }, { name: 'b' }] });
    expect(JSON.stringify(caller.actor)).not.toContain('hush');
    const secret = callerOf({ lambda: { principalId: 'p', nick: 'Bearer abcdefgh123' } }, { name: 'nick' });
    expect(secret.actor.user?.name).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('of the properties of every object are claims like any other', () => {
    const caller = callerOf({ claims: { sub: 'u' } }, { groups: 'constructor', name: '__proto__' });
    expect(caller).toMatchObject({ groups: [], actor: { user: { name: undefined } } });
  });

  it('are checked', () => {
    expect(checkClaimNames({ user: 'https://example.com/id', groups: 'cognito:groups' })).toEqual([]);
    expect(checkClaimNames({ user: '', groups: 'my roles' }).map(({ key }) => key)).toEqual(['user', 'groups']);
  });
});

describe('a caller with several proofs', () => {
  const certificate = { subjectDN: 'CN=a', issuerDN: 'CN=CA', serialNumber: '7' };

  it('has the weaker ones as credentials', () => {
    const { actor } = callerOf({ claims: { sub: 'u' }, certificate, apiKeyId: 'k' });
    expect(actor.user?.programmatic_credentials).toEqual([
      { uid: '7', type: 'X.509 certificate' },
      { uid: 'k', type: 'API key' },
    ]);
    expect(callerOf({ certificate, apiKeyId: 'k' }).actor.user?.programmatic_credentials).toHaveLength(2);
  });

  it('is known by his identity where a Cognito identity pool gave the role', () => {
    const userArn = 'arn:aws:sts::123456789012:assumed-role/Cognito_Auth/CognitoIdentityCredentials';
    const id = 'eu-west-1:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
    const iam = { accessKey: 'A', accountId: '1', userArn, cognitoIdentity: { identityId: id } };
    expect(whoOfHttpEvent(httpEvent({ context: { authorizer: { iam } } }).requestContext).actor.session?.uid).toBe(id);
    const rest = restEvent({ identity: { userArn, cognitoIdentityId: id } });
    expect(whoOfRestEvent(rest.requestContext).actor.session?.uid).toBe(id);
  });

  it('is not of Cognito by a host that only begins like it', () => {
    const iss = 'https://cognito-idp.eu-west-1.amazonaws.com.evil.example/pool';
    expect(callerOf({ claims: { sub: 'u', iss } }).type).toBe('jwt');
  });
});

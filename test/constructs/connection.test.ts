import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { AccessProxy, AuditTrail, type ConnectionProps } from '../../lib';
import { flat, newStack, roleStatements, settingsOf, theResource } from './support';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-ca-AbCdEf';

function synth(connection: ConnectionProps, stack = newStack(), upstream = 'https://orders.internal') {
  const trail = new AuditTrail(stack, 'Trail');
  new AccessProxy(stack, 'Access', {
    trail,
    routes: [{ path: '/orders', upstream, connection, rewriteLocation: true }],
  });
  return Template.fromStack(stack);
}

describe('connections of a route', () => {
  it('go to the function, what is absent left out', () => {
    const connection = {
      connectTimeout: Duration.millis(500),
      firstByteTimeout: Duration.seconds(5),
      idleTimeout: Duration.seconds(30),
      maxConnections: 4,
      retries: 2,
      circuitBreaker: { failures: 7, openFor: Duration.seconds(9) },
      tls: { serverName: 'orders.internal' },
    };
    expect(settingsOf(synth(connection)).routes[0]).toMatchObject({
      rewriteLocation: true,
      connection: {
        connectTimeoutMs: 500,
        firstByteTimeoutMs: 5_000,
        idleTimeoutMs: 30_000,
        maxConnections: 4,
        retries: 2,
        circuitFailures: 7,
        circuitOpenMs: 9_000,
        serverName: 'orders.internal',
      },
    });
    expect(settingsOf(synth({ retries: 1 })).routes[0]?.connection).toEqual({ retries: 1 });
  });

  it('read their certificates by the function’s role, and nothing else', () => {
    const stack = newStack();
    const key = new kms.Key(stack, 'Key');
    const ca = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Ca', SECRET);
    const clientCertificate = new secretsmanager.Secret(stack, 'Client', { encryptionKey: key });
    const template = synth({ tls: { ca, clientCertificate } }, stack);
    expect(settingsOf(template).routes[0]?.connection?.ca).toBe(SECRET);
    const reads = roleStatements(theResource(template, 'AWS::IAM::Role', 'AccessFunction')).filter(({ Action }) =>
      [Action].flat().some((action) => /^(?:secretsmanager|kms):/.test(action)),
    );
    const secrets = reads.filter(({ Action }) => Action === 'secretsmanager:GetSecretValue').map(({ Resource }) => flat(Resource)); // prettier-ignore
    expect(secrets).toEqual([SECRET, expect.stringMatching(/^\$\{Client\w+\}$/)]);
    expect(reads).toContainEqual(
      expect.objectContaining({
        Action: 'kms:Decrypt',
        Resource: expect.stringMatching(/^\$\{Key\w+\.Arn\}$/) as unknown,
        Condition: { StringEquals: { 'kms:ViaService': expect.anything() as unknown } },
      }),
    );
  });

  it.each<[string, ConnectionProps, string]>([
    ['connection.connectTimeout', { connectTimeout: Duration.seconds(29) }, 'from 1 to 28000 ms; got 29000 ms'],
    ['connection.maxConnections', { maxConnections: 0 }, 'from 1 to 256; got 0'],
    ['connection.retries', { retries: 4 }, 'from 0 to 3; got 4'],
    ['connection.circuitBreaker.failures', { circuitBreaker: { failures: -1 } }, 'from 0 to 1000; got -1'],
    ['connection.tls.serverName', { tls: { serverName: 'a b' } }, 'must be a host name'],
  ])('are refused with a wrong %s', (key, connection, message) => {
    expect(() => synth(connection)).toThrow(`routes[0].${key}`);
    expect(() => synth(connection)).toThrow(message);
  });

  it('are refused with certificates for a service without TLS', () => {
    const tls = { tls: { serverName: 'orders.internal' } };
    expect(() => synth(tls, newStack(), 'http://orders.internal')).toThrow('fits an https upstream only');
  });
});

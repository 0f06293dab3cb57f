import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditProxyStack } from '../../bin/app/audit-proxy-stack';
import { loadConfig } from '../../bin/config/load-config';
import { settingsOf } from '../constructs/support';

let folder: string;
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'audit-proxy-connection-'))));
afterAll(() => fs.rmSync(folder, { recursive: true }));

function load(connection: object, upstream = 'https://orders.internal') {
  return loadRoute({ path: '/orders', upstream, connection, rewriteLocation: true });
}

function loadRoute(route: object) {
  const file = path.join(folder, 'audit-proxy.json');
  fs.writeFileSync(file, JSON.stringify({ routes: [route] }));
  return loadConfig(file);
}

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-ca-AbCdEf';

describe('headers that a route strips', () => {
  it('go from the config file through the construct to the function', () => {
    const route = { path: '/orders', upstream: 'https://orders.internal', stripHeaders: ['X-Corp-*'] };
    const config = loadRoute(route);
    expect(config.routes[0]).toMatchObject({ stripHeaders: ['X-Corp-*'] });
    const stack = new AuditProxyStack(new App(), 'Stripping', { config });
    const template = Template.fromStack(stack);
    expect(settingsOf(template, 'AuditProxyAccessFunction')).toMatchObject({
      routes: [{ stripHeaders: ['X-Corp-*'] }],
    });
  });

  it.each([['X Corp'], ['*'], ['X-*-Id']])('are names: not %j', (name) => {
    const route = { path: '/orders', upstream: 'https://orders.internal', stripHeaders: [name] };
    expect(() => loadRoute(route)).toThrow(`routes[0].stripHeaders: must be the name of a header`);
  });
});

describe('connections of a route in the config file', () => {
  it('are read, files from the folder of the config', () => {
    const connection = {
      connectTimeout: '500ms',
      firstByteTimeout: '5s',
      idleTimeout: '30s',
      maxConnections: 4,
      retries: 2,
      circuitBreaker: { failures: 7, openFor: '9s' },
      tls: { serverName: 'orders.internal', ca: 'file:tls/ca.pem', clientCertificate: SECRET },
    };
    expect(load(connection).routes[0]).toMatchObject({
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
        ca: `file:${path.join(folder, 'tls', 'ca.pem')}`,
        clientCertificate: SECRET,
      },
    });
  });

  it.each([
    [{ connectTimeout: '29s' }, 'connection.connectTimeout: must be a whole number from 1 to 28000 ms; got 29000 ms'],
    [{ connectTimeout: 5 }, 'connection.connectTimeout: must be a whole number with a unit ms or s'],
    [{ retries: 9 }, 'connection.retries: must be a whole number from 0 to 3; got 9'],
    [{ circuitBreaker: { openFor: '1ms' } }, 'connection.circuitBreaker.openFor: must be a whole number from 100'],
    [{ tls: { ca: 'ca.pem' } }, 'connection.tls.ca: must be the ARN of a secret'],
    [{ conectTimeout: '1s' }, 'connection.conectTimeout: unknown key; did you mean "connectTimeout"?'],
  ])('are refused: %j', (connection, message) => {
    expect(() => load(connection)).toThrow(`routes[0].${message}`);
  });

  it('may wait longer for the first byte where answers are streamed', () => {
    const streamed = { path: '/', upstream: 'http://events.internal', connection: { firstByteTimeout: '120s' } };
    expect(() => loadRoute(streamed)).toThrow('from 1 to 28000 ms; got 120000 ms');
    const [route] = loadRoute({ ...streamed, streaming: true }).routes;
    expect(route?.connection).toEqual({ firstByteTimeoutMs: 120_000 });
  });

  it('are refused with certificates for a service without TLS', () => {
    expect(() => load({ tls: { serverName: 'a' } }, 'http://orders.internal')).toThrow('fits an https upstream only');
  });

  it('go through the construct unchanged', () => {
    const config = load({ retries: 1, idleTimeout: '2s', circuitBreaker: { failures: 3 }, tls: { ca: SECRET } });
    const template = Template.fromStack(new AuditProxyStack(new App(), 'Stack', { config }));
    expect(settingsOf(template, 'AuditProxyAccessFunction').routes).toEqual(config.routes);
    expect(config.routes[0]?.connection).toEqual({ retries: 1, idleTimeoutMs: 2_000, circuitFailures: 3, ca: SECRET });
  });

  it('cannot be deployed with files', () => {
    const config = load({ tls: { ca: 'file:ca.pem' } });
    expect(() => new AuditProxyStack(new App(), 'Stack', { config })).toThrow('connection.tls.ca names a file');
  });
});

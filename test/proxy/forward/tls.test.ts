import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { forward } from '../../../lambda/proxy/forward/forward';
import { upstreamOf, type Upstream } from '../../../lambda/proxy/forward/upstream';
import type { ConnectionInput } from '../../../lib/routing/connection';
import { resolveRoute } from '../../../lib/routing/route';

const pem = (name: string) => readFileSync(path.join(__dirname, '../../support/tls', `${name}.pem`), 'utf8');
const stops: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  stops.splice(0).forEach((stop) => stop());
});

/** A service whose certificate is for `orders.internal`; it answers with the subject of the client's. */
async function secureService(options: https.ServerOptions = {}): Promise<string> {
  const keyed = { cert: pem('service'), key: pem('service'), ca: pem('ca'), ...options };
  const server = https.createServer(keyed, (request, response) => {
    response.end(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function to(url: string, connection: ConnectionInput, read?: (id: string) => Promise<string>): Upstream {
  const upstream = upstreamOf(resolveRoute({ path: '/', upstream: url, connection }), {
    readSecret: read ?? (async (id) => pem(id)),
  });
  stops.push(() => upstream.agents.kept.destroy());
  return upstream;
}

async function bodyFrom(upstream: Upstream): Promise<string> {
  const request = { method: 'GET', target: '/', headers: ['Host', upstream.host], body: Buffer.alloc(0) };
  return (await forward(upstream, request, 5_000)).body.toString();
}

const unreachable = { code: 'upstream_unreachable', forwarded: false };

describe('an https service', () => {
  it('is trusted by the authority and the name that the route says', async () => {
    const url = await secureService();
    expect(await bodyFrom(to(url, { ca: 'ca', serverName: 'orders.internal' }))).toBe('undefined');
  });

  it.each<[string, ConnectionInput]>([
    ['an authority that nobody named', { serverName: 'orders.internal' }],
    ['another name', { ca: 'ca', serverName: 'users.internal' }],
    ['its address in place of its name', { ca: 'ca' }],
    ['an authority that did not sign it', { ca: 'client', serverName: 'orders.internal' }],
  ])('is not reached with %s', async (_, connection) => {
    const url = await secureService();
    await expect(bodyFrom(to(url, connection))).rejects.toMatchObject(unreachable);
  });

  it('sees the client certificate', async () => {
    const url = await secureService({ requestCert: true, rejectUnauthorized: true });
    const tls = { ca: 'ca', serverName: 'orders.internal' };
    expect(await bodyFrom(to(url, { ...tls, clientCertificate: 'client' }))).toBe('audit-proxy');
    await expect(bodyFrom(to(url, tls))).rejects.toMatchObject({ code: 'upstream_reset' });
  });

  it('may speak TLS 1.2, and nothing older', async () => {
    const tls = { ca: 'ca', serverName: 'orders.internal' };
    expect(await bodyFrom(to(await secureService({ maxVersion: 'TLSv1.2' }), tls))).toBe('undefined');
    const old = await secureService({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await expect(bodyFrom(to(old, tls))).rejects.toMatchObject(unreachable);
  });
});

describe('the certificates', () => {
  it('are read once', async () => {
    const read = vi.fn(async (id: string) => pem(id));
    const upstream = to(await secureService(), { ca: 'ca', serverName: 'orders.internal' }, read);
    await bodyFrom(upstream);
    await bodyFrom(upstream);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['cannot be read', async () => Promise.reject(new Error('denied'))],
    ['are none', async () => 'no certificate'],
  ])('that %s leave the service unreachable, are told, and read again', async (_, bad) => {
    const told = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const read = vi.fn<(id: string) => Promise<string>>(bad);
    const upstream = to(
      await secureService(),
      { ca: 'ca', clientCertificate: 'client', serverName: 'orders.internal' },
      read,
    );
    await expect(bodyFrom(upstream)).rejects.toMatchObject(unreachable);
    expect(told).toHaveBeenCalled();
    read.mockImplementation(async (id) => pem(id));
    expect(await bodyFrom(upstream)).toBe('undefined');
  });

  it('are read again when a service changed its authority', async () => {
    let ca = 'client';
    const upstream = to(await secureService(), { ca: 'ca', serverName: 'orders.internal' }, async () => pem(ca));
    await expect(bodyFrom(upstream)).rejects.toMatchObject(unreachable);
    ca = 'ca';
    await expect(bodyFrom(upstream), 'not at every request').rejects.toMatchObject(unreachable);
    const now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now + 61_000);
    await expect(bodyFrom(upstream)).rejects.toMatchObject(unreachable);
    expect(await bodyFrom(upstream)).toBe('undefined');
  });
});

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LambdaExtension } from '../../lambda/recorder/lambda-extension';
import { unusedPort } from '../support/services';

const servers: http.Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => { server.close(); server.closeAllConnections(); })); // prettier-ignore

interface Platform {
  readonly api: string;
  /** What the extension asked for, in order. */
  readonly calls: { readonly line: string; readonly headers: http.IncomingHttpHeaders; readonly body: string }[];
  /** Answers the pending `next` with an INVOKE event. */
  invoke(): void;
  /** Whether the extension waits for its next event. */
  readonly waits: () => boolean;
}

/** A small Extensions API. */
async function platform(registerStatus = 200, nextStatus = 200): Promise<Platform> {
  const calls: Platform['calls'][number][] = [];
  let pending: http.ServerResponse | undefined;
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      calls.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      if (request.url?.endsWith('/register')) {
        response.writeHead(registerStatus, { 'Lambda-Extension-Identifier': 'extension-1' });
        response.end('{"functionName":"f"}');
      } else if (nextStatus !== 200) response.writeHead(nextStatus).end();
      else pending = response;
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    api: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    invoke: () => {
      pending?.end('{"eventType":"INVOKE"}');
      pending = undefined;
    },
    waits: () => pending !== undefined,
  };
}

const NEXT = 'GET /2020-01-01/extension/event/next';

function waiting(server: Platform): Promise<void> {
  return vi.waitFor(() => expect(server.waits()).toBe(true));
}

/** Long enough for a call on the loopback address that must not come. */
function aWhile(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 60));
}

describe('registration', () => {
  it('asks for INVOKE events, and then for the first of them', async () => {
    const server = await platform();
    const extension = await LambdaExtension.register(server.api);
    await waiting(server);
    expect(extension?.holds).toBe(true);
    expect(server.calls.map(({ line }) => line)).toEqual(['POST /2020-01-01/extension/register', NEXT]);
    expect(server.calls[0]?.headers['lambda-extension-name']).toBe('audit-recorder');
    expect(JSON.parse(server.calls[0]?.body ?? '')).toEqual({ events: ['INVOKE'] });
    expect(server.calls[1]?.headers['lambda-extension-identifier']).toBe('extension-1');
  });

  it.each([403, 500])('that is refused with %i leaves no extension', async (status) => {
    const server = await platform(status);
    expect(await LambdaExtension.register(server.api)).toBeUndefined();
    await aWhile();
    expect(server.calls).toHaveLength(1);
  });

  it('is not asked for on managed instances, which run several invocations at once', async () => {
    const server = await platform();
    expect(await LambdaExtension.register(server.api, 'audit-recorder', 'lambda-managed-instances')).toBeUndefined();
    expect(server.calls).toEqual([]);
  });

  it('leaves none where the platform has no such API', async () => {
    expect(await LambdaExtension.register(undefined)).toBeUndefined();
    expect(await LambdaExtension.register('')).toBeUndefined();
    expect(await LambdaExtension.register(`127.0.0.1:${await unusedPort()}`)).toBeUndefined();
  });
});

describe('an extension', () => {
  it('asks for the next event only when the invocation is done', async () => {
    const server = await platform();
    const extension = await LambdaExtension.register(server.api);
    for (let i = 1; i <= 3; i += 1) {
      await waiting(server);
      server.invoke();
      await aWhile();
      expect(server.calls.filter(({ line }) => line === NEXT)).toHaveLength(i);
      extension?.invocationDone();
      await vi.waitFor(() => expect(server.calls.filter(({ line }) => line === NEXT)).toHaveLength(i + 1));
    }
  });

  it('remembers that an invocation was done before its event arrived', async () => {
    const server = await platform();
    const extension = await LambdaExtension.register(server.api);
    await waiting(server);
    extension?.invocationDone();
    await aWhile();
    expect(server.calls.filter(({ line }) => line === NEXT)).toHaveLength(1);
    server.invoke();
    await vi.waitFor(() => expect(server.calls.filter(({ line }) => line === NEXT)).toHaveLength(2));
    // And only for that one.
    await waiting(server);
    server.invoke();
    await aWhile();
    expect(server.calls.filter(({ line }) => line === NEXT)).toHaveLength(2);
  });

  it('no longer holds when the platform sends it away', async () => {
    const server = await platform(200, 403);
    const extension = await LambdaExtension.register(server.api);
    await vi.waitFor(() => expect(extension?.holds).toBe(false));
    expect(() => extension?.invocationDone()).not.toThrow();
  });

  it('no longer holds when the platform goes', async () => {
    const server = await platform();
    const extension = await LambdaExtension.register(server.api);
    await waiting(server);
    servers.at(-1)?.closeAllConnections();
    await vi.waitFor(() => expect(extension?.holds).toBe(false));
  });
});

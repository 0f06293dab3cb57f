import net from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startJsonService } from '../../../bin/local/sample-services/json-service';
import { ordersService } from '../../../bin/local/sample-services/orders';
import { usersService } from '../../../bin/local/sample-services/users';
import { afterTest } from '../../support/after-test';

async function orders(port = 0) {
  const service = await startJsonService('orders', port, ordersService());
  afterTest(() => service.stop());
  const url = `http://127.0.0.1:${service.port}`;
  return {
    url,
    port: service.port,
    send: async (method: string, path: string, body?: string) => {
      const response = await fetch(url + path, { method, ...(body !== undefined && { body }) });
      return { status: response.status, location: response.headers.get('location'), text: await response.text() };
    },
  };
}

describe('the orders service', () => {
  it('keeps what is posted until it is deleted', async () => {
    const { send } = await orders();

    const posted = await send('POST', '/orders', '{"item":"mug","id":"mine"}');
    expect(posted).toMatchObject({ status: 201, location: '/orders/o-3' });
    expect(JSON.parse(posted.text)).toMatchObject({ order: { id: 'o-3', item: 'mug' } });
    expect(JSON.parse((await send('GET', '/orders/o-3')).text)).toMatchObject({ order: { item: 'mug' } });
    expect(await send('DELETE', '/orders/o-3')).toEqual({ status: 204, location: null, text: '' });
    expect((await send('GET', '/orders/o-3')).status).toBe(404);
    expect((JSON.parse((await send('GET', '/orders?all')).text) as { orders: unknown[] }).orders).toHaveLength(2);
  });

  it.each([
    ['POST', '/orders', 'no json', 400],
    ['POST', '/orders', '[1]', 400],
    ['PUT', '/orders', '{}', 405],
    ['PATCH', '/orders/o-1', '{}', 405],
    ['GET', '/orders/o-1/lines', undefined, 404],
    ['GET', '//', undefined, 404],
  ])('answers %s %s with body %s by %i', async (method, path, body, status) => {
    const { send } = await orders();
    expect((await send(method, path, body)).status).toBe(status);
  });

  it('tells how the request reached it', async () => {
    const { url } = await orders();
    const response = await fetch(`${url}/orders`, {
      headers: { 'x-request-id': 'r-1', 'x-forwarded-for': '10.0.0.1' },
    });
    expect(await response.json()).toMatchObject({
      seen_by: { service: 'orders', request_id: 'r-1', forwarded_for: '10.0.0.1' },
    });
  });

  it('survives callers that go away', async () => {
    const { send, port } = await orders();
    const socket = net.connect(port, '127.0.0.1');
    socket.write('POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{');
    await once(socket, 'connect');
    socket.resetAndDestroy();
    expect((await send('GET', '/orders')).status).toBe(200);
  });

  it('takes another port where its own is taken', async () => {
    const first = await orders();
    const second = await orders(first.port);
    expect(second.port).not.toBe(first.port);
    expect((await second.send('GET', '/orders')).status).toBe(200);
  });
});

describe('the users service', () => {
  const answer = (method: string, ...segments: string[]) => usersService()({ method, segments, body: undefined });

  it('lists and finds users', () => {
    expect(answer('GET', 'users')).toMatchObject({
      status: 200,
      body: { users: [{ id: 'u-alice' }, { id: 'u-bob' }] },
    });
    expect(answer('GET', 'users', 'u-bob')).toMatchObject({ status: 200, body: { user: { name: 'Bob' } } });
    expect(answer('GET', 'users', 'u-eve').status).toBe(404);
    expect(answer('DELETE', 'users', 'u-bob').status).toBe(405);
    expect(answer('GET', 'else').status).toBe(404);
  });
});

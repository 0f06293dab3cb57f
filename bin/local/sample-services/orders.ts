import type { ServiceReply, ServiceRequest } from './json-service';

/** `GET /orders`, `GET /orders/:id`, `POST /orders`, `DELETE /orders/:id`; kept in memory. */
export function ordersService(): (request: ServiceRequest) => ServiceReply {
  const orders = new Map<string, object>([
    ['o-1', { id: 'o-1', item: 'green tea', quantity: 2 }],
    ['o-2', { id: 'o-2', item: 'teapot', quantity: 1 }],
  ]);
  let last = orders.size;

  return ({ method, segments: [collection, id, ...more], body }) => {
    if (collection !== 'orders' || more.length > 0) return { status: 404, body: { error: 'no such resource' } };
    if (id === undefined) {
      if (method === 'GET') return { status: 200, body: { orders: [...orders.values()] } };
      if (method !== 'POST') return notAllowed();
      if (!isObject(body)) return { status: 400, body: { error: 'an order is a JSON object' } };
      last += 1;
      const order = { ...body, id: `o-${last}` };
      orders.set(order.id, order);
      return { status: 201, body: { order }, location: `/orders/${order.id}` };
    }
    const order = orders.get(id);
    if (order === undefined) return { status: 404, body: { error: `no order ${id}` } };
    if (method === 'GET') return { status: 200, body: { order } };
    if (method !== 'DELETE') return notAllowed();
    orders.delete(id);
    return { status: 204 };
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notAllowed(): ServiceReply {
  return { status: 405, body: { error: 'method not allowed' } };
}

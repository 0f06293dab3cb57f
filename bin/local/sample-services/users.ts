import type { ServiceReply, ServiceRequest } from './json-service';

const USERS = [
  { id: 'u-alice', name: 'Alice', team: 'buyers' },
  { id: 'u-bob', name: 'Bob', team: 'support' },
];

/** `GET /users`, `GET /users/:id`. */
export function usersService(): (request: ServiceRequest) => ServiceReply {
  return ({ method, segments: [collection, id, ...more] }) => {
    if (collection !== 'users' || more.length > 0) return { status: 404, body: { error: 'no such resource' } };
    if (method !== 'GET') return { status: 405, body: { error: 'method not allowed' } };
    if (id === undefined) return { status: 200, body: { users: USERS } };
    const user = USERS.find((candidate) => candidate.id === id);
    return user === undefined ? { status: 404, body: { error: `no user ${id}` } } : { status: 200, body: { user } };
  };
}

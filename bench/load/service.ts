import http from 'node:http';

/**
 * The service behind the proxy in benches, as a process of its own: answers each request with a little JSON after so many
 * milliseconds, counts what it got, and tells its port and count to its parent.
 */
const delayMs = Number(process.argv[2] ?? 0);
const ANSWER = JSON.stringify({ id: 7, item: 'oolong', quantity: 3 });
let count = 0;

const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  count += 1;
  request.resume();
  const answer = (): void => {
    response.setHeader('Content-Type', 'application/json');
    response.end(ANSWER);
  };
  if (delayMs > 0) setTimeout(answer, delayMs);
  else answer();
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on('message', () => process.send?.({ count }));
process.on('disconnect', () => process.exit(0));

import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../lambda/proxy/problem';
import { restEvent } from '../support/gateway-events';
import { FakeCaller } from '../support/fake-caller';
import { bench, stream } from '../support/handler-bench';
import { schemaErrors } from '../support/ocsf';
import { startRawService, startService, type Service } from '../support/services';

const running: Service[] = [];
/** Metrics go there. */
beforeEach(() => void vi.spyOn(process.stdout, 'write').mockReturnValue(true));
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n';
const FIRST = '6\r\nfirst,\r\n';

/** A service that answers each request with these bytes, and keeps its sockets. */
async function rawService(bytes: string, then: (socket: Socket) => void = () => undefined) {
  const sockets: Socket[] = [];
  const closed: Socket[] = [];
  const service = await startRawService((socket) => {
    sockets.push(socket);
    socket.on('close', () => closed.push(socket));
    socket.write(bytes, () => then(socket));
  });
  running.push(service);
  return { url: service.url, sockets, closed };
}

const streamed = (upstream: string, more: object = {}) => [{ path: '/', upstream, streaming: true, ...more }];

describe('a service that breaks off behind the head of its answer', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['by closing', (socket) => void socket.end()],
    ['by a reset', (socket) => void socket.resetAndDestroy()],
    ['by bytes that are no HTTP', (socket) => void socket.write('no chunk at all\r\n')],
  ])('%s: the caller never takes a part for the whole, and the outcome tells what there was', async (_, breakOff) => {
    const raw = await rawService(HEAD + FIRST, (socket) => setTimeout(() => breakOff(socket), 60));
    const proxy = bench(streamed(raw.url, { connection: { retries: 3 } }));
    const { caller, done } = stream(proxy);
    const failure = await done;
    expect(failure).toBeInstanceOf(Problem);
    expect(failure).toMatchObject({ code: 'upstream_reset' });
    expect(caller.prelude).toMatchObject({ statusCode: 200 });
    expect(caller.body.toString()).toBe('first,');
    expect(caller.writableEnded).toBe(false);
    // What has reached the caller can be sent no second time.
    expect(raw.sockets.filter((socket, i) => raw.sockets.indexOf(socket) === i)).toHaveLength(1);
    expect(proxy.sink.persisted[1]).toMatchObject({
      status: 'Failure',
      status_code: '200',
      status_detail: 'upstream_reset',
      disposition: 'Error',
      action: 'Allowed',
      http_response: { code: 200, content_type: 'text/plain', body_length: 6 },
      unmapped: { forwarded: true, retries: 0, response_body: { length: 6, sha256: sha256('first,') } },
    });
    expect(proxy.sink.persisted.flatMap(schemaErrors)).toEqual([]);
    expect(proxy.extension.done).toBe(1);
  });

  it('before any of it was passed on is answered for with 502', async () => {
    let acknowledge: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (acknowledge = resolve));
    const raw = await rawService(HEAD + FIRST, (socket) => void socket.end());
    const proxy = bench(streamed(raw.url), { faults: [{ kind: 'wait', until }] });
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(raw.closed).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 60));
    acknowledge();
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({ statusCode: 502 });
    expect(JSON.parse(caller.body.toString())).toMatchObject({ status: 502, forwarded: true });
    expect(proxy.sink.persisted[1]).toMatchObject({ status_code: '502', status_detail: 'upstream_reset' });
  });

  it('too often is left alone, and tried again when its time has come', async () => {
    const raw = await rawService(HEAD + FIRST, (socket) => void socket.end());
    const proxy = bench(streamed(raw.url, { connection: { circuitFailures: 2, circuitOpenMs: 100 } }));
    for (let i = 0; i < 2; i += 1) expect(await stream(proxy).done).toMatchObject({ code: 'upstream_reset' });
    const refused = stream(proxy);
    expect(await refused.done).toBeUndefined();
    expect(refused.caller.prelude).toMatchObject({ statusCode: 503 });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await stream(proxy).done).toMatchObject({ code: 'upstream_reset' });
  });

  it('is given no more time than the route says, in the middle of its answer too', async () => {
    const raw = await rawService(HEAD + FIRST);
    const proxy = bench(streamed(raw.url, { timeoutMs: 250 }));
    const started = performance.now();
    const { caller, done } = stream(proxy);
    expect(await done).toMatchObject({ code: 'upstream_timeout' });
    expect(performance.now() - started).toBeGreaterThan(200);
    expect(caller.body.toString()).toBe('first,');
    expect(caller.writableEnded).toBe(false);
    expect(proxy.sink.persisted[1]).toMatchObject({ status_code: '200', status_detail: 'upstream_timeout' });
    await vi.waitFor(() => expect(raw.closed).toHaveLength(1));
  });

  it('is given no more time than the function has, less what recording needs', async () => {
    const raw = await rawService(HEAD + FIRST);
    const proxy = bench(streamed(raw.url));
    const started = performance.now();
    const { done } = stream(proxy, restEvent(), undefined, 1_300);
    expect(await done).toMatchObject({ code: 'upstream_timeout' });
    expect(performance.now() - started).toBeLessThan(1_200);
    expect(proxy.sink.persisted[1]).toMatchObject({ status_detail: 'upstream_timeout' });
  });

  it('is answered for with 504 if it does not even begin', async () => {
    const raw = await rawService('');
    const proxy = bench(streamed(raw.url, { connection: { firstByteTimeoutMs: 100 } }));
    const { caller, done } = stream(proxy);
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({ statusCode: 504 });
    expect(caller.writableFinished).toBe(true);
    expect(proxy.sink.persisted[1]).toMatchObject({ status_detail: 'upstream_first_byte_timeout' });
  });

  it('is answered for with 504 too if it has taken all of the function’s time, and the caller takes some', async () => {
    const raw = await rawService('');
    const proxy = bench(streamed(raw.url));
    const caller = new FakeCaller();
    caller._final = (done) => void setTimeout(done, 60);
    const { done } = stream(proxy, restEvent(), caller, 1_300);
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({ statusCode: 504 });
    expect(proxy.sink.persisted[1]).toMatchObject({ status_detail: 'upstream_timeout', status_code: '504' });
  });

  it('sends no more than Lambda passes on', async () => {
    const chunk = Buffer.alloc(1024 * 1024);
    const part = Buffer.concat([Buffer.from('100000\r\n'), chunk, Buffer.from('\r\n')]);
    const raw = await rawService(HEAD, (socket) => {
      let sent = 0;
      const more = (): void => {
        if (sent === 201 || socket.destroyed) return;
        sent += 1;
        socket.write(part, more);
      };
      more();
    });
    const proxy = bench(streamed(raw.url));
    const counted = new CountingCaller();
    const { done } = stream(proxy, restEvent(), counted);
    expect(await done).toMatchObject({ code: 'answer_too_large' });
    expect(counted.writableEnded).toBe(false);
    expect(counted.counted).toBeLessThan(200 * 1024 * 1024);
    const { response_body } = proxy.sink.persisted[1]?.unmapped ?? {};
    expect(response_body?.length).toBeGreaterThan(199 * 1024 * 1024);
    await vi.waitFor(() => expect(raw.closed).toHaveLength(1));
  });
});

/** Counts bytes, and keeps none. */
class CountingCaller extends FakeCaller {
  counted = 0;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.counted += chunk.length;
    done();
  }
}

describe('a caller who leaves', () => {
  it('while the service thinks: the call is given up, and the outcome tells what was passed on', async () => {
    const raw = await rawService(HEAD + FIRST);
    const proxy = bench(streamed(raw.url));
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(caller.body.toString()).toBe('first,'));
    expect(raw.closed).toEqual([]);
    caller.leave();
    expect(await done).toMatchObject({ code: 'client_left' });
    await vi.waitFor(() => expect(raw.closed).toHaveLength(1));
    expect(proxy.sink.persisted[1]).toMatchObject({
      status: 'Failure',
      status_code: '200',
      status_detail: 'client_left',
      disposition: 'Error',
      action: 'Allowed',
      unmapped: { forwarded: true, response_body: { length: 6, sha256: sha256('first,') } },
    });
    expect(proxy.sink.persisted.flatMap(schemaErrors)).toEqual([]);
    expect(proxy.extension.done).toBe(1);
  });

  it('while there is more than was read', async () => {
    const service = await startService((_, response) => void response.end(Buffer.alloc(4_000_000, 'a')));
    running.push(service);
    const proxy = bench(streamed(service.url));
    const caller = new FakeCaller();
    caller.hold();
    const { done } = stream(proxy, restEvent(), caller);
    await vi.waitFor(() => expect(caller.writableNeedDrain).toBe(true));
    caller.leave();
    expect(await done).toMatchObject({ code: 'client_left' });
    const { response_body } = proxy.sink.persisted[1]?.unmapped ?? {};
    expect(response_body?.length).toBeGreaterThan(0);
    expect(response_body?.length).toBeLessThan(4_000_000);
    expect(response_body?.sha256).toBe(sha256(Buffer.alloc(response_body?.length ?? 0, 'a')));
  });

  it('before the answer begins: nobody gets one, and the call is given up', async () => {
    const raw = await rawService('');
    const proxy = bench(streamed(raw.url));
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(raw.sockets).toHaveLength(1));
    caller.leave();
    expect(await done).toMatchObject({ code: 'client_left' });
    await vi.waitFor(() => expect(raw.closed).toHaveLength(1));
    expect(proxy.sink.persisted[1]).toMatchObject({
      status: 'Failure',
      status_code: '499',
      status_detail: 'client_left',
      disposition: 'Error',
      unmapped: { forwarded: true, response_body: { length: 0, sha256: sha256('') } },
    });
    expect(proxy.extension.done).toBe(1);
  });

  it('before the attempt is durable, and the head of the answer with it: nothing was sent, and so it is recorded', async () => {
    let acknowledge: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (acknowledge = resolve));
    const raw = await rawService(HEAD + FIRST);
    const proxy = bench(streamed(raw.url), { faults: [{ kind: 'wait', until }] });
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(raw.sockets).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 60));
    caller.leave();
    await vi.waitFor(() => expect(raw.closed).toHaveLength(1));
    acknowledge();
    expect(await done).toMatchObject({ code: 'client_left' });
    expect(proxy.sink.persisted[1]).toMatchObject({
      status_code: '499',
      status_detail: 'client_left',
      disposition: 'Error',
      unmapped: { forwarded: true, response_body: { length: 0 } },
    });
  });

  it('before the service is called: it is not', async () => {
    let acknowledge: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (acknowledge = resolve));
    const raw = await rawService('');
    const proxy = bench(streamed(raw.url, { guarantee: 'BEFORE_FORWARD' }), { faults: [{ kind: 'wait', until }] });
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(proxy.sink.puts).toHaveLength(1));
    caller.leave();
    acknowledge();
    expect(await done).toMatchObject({ code: 'client_left' });
    expect(raw.sockets).toEqual([]);
    expect(proxy.sink.persisted[1]).toMatchObject({ status_detail: 'client_left', unmapped: { forwarded: false } });
  });

  it('says nothing of the service, whose circuit stays as it is', async () => {
    const raw = await rawService('');
    const proxy = bench(streamed(raw.url, { connection: { circuitFailures: 2, firstByteTimeoutMs: 150 } }));
    const leaves = async () => {
      const count = raw.sockets.length;
      const { caller, done } = stream(proxy);
      await vi.waitFor(() => expect(raw.sockets.length).toBeGreaterThan(count));
      caller.leave();
      await done;
    };
    for (let i = 0; i < 3; i += 1) await leaves();
    // Two failures in a row, whoever leaves between them.
    await stream(proxy).done;
    await leaves();
    await stream(proxy).done;
    const refused = stream(proxy);
    await refused.done;
    expect(refused.caller.prelude).toMatchObject({ statusCode: 503 });
  });
});

describe('a caller who reads slowly', () => {
  it('has the service wait: what is kept in between is bounded', async () => {
    const body = randomBytes(1024 * 1024);
    const mebibytes = 64;
    let sent = 0;
    const service = await startService((_, response) => {
      const more = (): void => {
        while (sent < mebibytes) {
          sent += 1;
          if (!response.write(body)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    running.push(service);
    const proxy = bench(streamed(service.url));
    const caller = new FakeCaller();
    caller.hold();
    const { done } = stream(proxy, restEvent(), caller);
    await vi.waitFor(() => expect(caller.writableNeedDrain).toBe(true));
    // Until nothing moves any more.
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    // The kernel's buffers of a loopback connection take some MiB; the function itself next to nothing.
    expect(sent).toBeLessThan(24);
    expect(caller.writableLength).toBeLessThan(256 * 1024);
    caller.release();
    expect(await done).toBeUndefined();
    const whole = createHash('sha256');
    for (let i = 0; i < mebibytes; i += 1) whole.update(body);
    expect(proxy.sink.persisted[1]?.unmapped.response_body).toEqual({
      length: mebibytes * body.length,
      sha256: whole.digest('hex'),
    });
    expect(sha256(caller.body)).toBe(proxy.sink.persisted[1]?.unmapped.response_body?.sha256);
  });

  it('for longer than the route’s time is cut off, which is not held against the service', async () => {
    const service = await startService((_, response) => void response.end(Buffer.alloc(4_000_000)));
    running.push(service);
    const connection = { circuitFailures: 1 };
    const proxy = bench(streamed(service.url, { timeoutMs: 250, connection }));
    const caller = new FakeCaller();
    caller.hold();
    expect(await stream(proxy, restEvent(), caller).done).toMatchObject({ code: 'client_too_slow' });
    expect(caller.writableEnded).toBe(false);
    expect(proxy.sink.persisted[1]).toMatchObject({ status_code: '200', status_detail: 'client_too_slow' });
    expect(await stream(proxy).done).toBeUndefined();
  });

  it('a problem of our own is cut off too, before the function’s time limit', async () => {
    const proxy = bench([]);
    const caller = new FakeCaller();
    caller.hold();
    const started = performance.now();
    expect(await stream(proxy, restEvent(), caller, 1_200).done).toMatchObject({ code: 'client_too_slow' });
    expect(performance.now() - started).toBeLessThan(900);
    expect(proxy.sink.persisted).toMatchObject([{ status_code: '404', status_detail: 'no_route' }]);
    expect(proxy.extension.done).toBe(1);
  });
});

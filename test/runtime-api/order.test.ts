import { describe, expect, it } from 'vitest';
import { restEvent } from '../support/gateway-events';
import { RUNTIME, startEnvironment } from './environment';

const GUARANTEES = ['BEFORE_FORWARD', 'BEFORE_RESPONSE', 'AFTER_RESPONSE'] as const;
const requestTo = (route: string) => restEvent({ path: `/${route}/7` });

describe(`the order of calls under ${RUNTIME.name}`, () => {
  it('has the extension registered before the runtime asks for its first invocation', async () => {
    const { journal } = await startEnvironment();
    expect(journal.order()[0]).toBe('register INVOKE');
    expect(journal.order().slice(1, 3).sort()).toEqual(['extension next', 'runtime next']);
    expect(journal.order()[3]).toBe('frozen');
  });

  it.each(GUARANTEES)('is the one that %s promises', async (guarantee) => {
    const { journal, platform } = await startEnvironment();
    for (let i = 0; i < 3; i += 1) {
      const { id, answer } = await platform.invoke(requestTo(guarantee));
      expect(JSON.parse(answer)).toMatchObject({ statusCode: 200 });
      await platform.idle();

      const order = journal.order(id);
      const before = (first: string, second: string) => {
        const [a, b] = [order.indexOf(first), order.indexOf(second)];
        expect(a !== -1 && b !== -1 && a < b, `"${first}" before "${second}" in: ${order.join(', ')}`).toBe(true);
      };
      before('invoke', 'service');
      before('service', 'response');
      if (guarantee === 'BEFORE_FORWARD') before('ack attempt', 'service');
      if (guarantee === 'BEFORE_RESPONSE') before('ack attempt', 'response');
      if (guarantee === 'AFTER_RESPONSE') expect(order).not.toContain('put attempt');
      before('response', 'put outcome');
      before('ack outcome', 'extension next');
      expect(order.filter((what) => what === 'put outcome')).toHaveLength(1);
      expect(order.at(-1)).toBe('frozen');
    }
    expect(journal.strays()).toEqual([]);
  });

  it('lets nobody wait for the outcome, and the next invocation wait for it', async () => {
    const { journal, platform, sinks } = await startEnvironment();
    sinks.meets = ({ unmapped }) => ({ afterMs: unmapped.phase === 'outcome' ? 400 : 0 });
    for (let i = 0; i < 3; i += 1) {
      const { id } = await platform.invoke(requestTo('BEFORE_RESPONSE'));
      expect(journal.order(id)).not.toContain('ack outcome');
      await platform.idle();
      expect(journal.at('frozen', id)).toBeGreaterThan(journal.at('ack outcome', id));
      expect(journal.at('ack outcome', id) - journal.at('response', id)).toBeGreaterThan(200);
    }
    expect(journal.strays()).toEqual([]);
  });

  it('is the same for requests that the proxy refuses, whose answer waits for its record', async () => {
    const { journal, platform } = await startEnvironment();
    const { id, answer } = await platform.invoke(restEvent({ path: '/nowhere' }));
    expect(JSON.parse(answer)).toMatchObject({ statusCode: 404 });
    await platform.idle();
    const order = journal.order(id);
    expect(order.slice(0, 4)).toEqual(['invoke', 'put outcome', 'ack outcome', 'response']);
  });
});

/** The end of an invocation without an extension. */
const AFTER_ALL = ['put outcome', 'ack outcome', 'response', 'response ended', 'runtime next', 'frozen'];

describe(`where there is no extension, under ${RUNTIME.name}`, () => {
  it.each([
    ['there is no such API', { refuseExtensions: 404 }],
    ['registrations are closed', { refuseExtensions: 403 }],
    ['the platform fails', { refuseExtensions: 500 }],
    [
      'instances are managed',
      { refuseExtensions: 400, variables: { AWS_LAMBDA_INITIALIZATION_TYPE: 'lambda-managed-instances' } },
    ],
  ])('the outcome is durable before the answer goes out: %s', async (_, options) => {
    const { journal, platform, sinks } = await startEnvironment(options);
    sinks.meets = ({ unmapped }) => ({ afterMs: unmapped.phase === 'outcome' ? 100 : 0 });
    for (const guarantee of GUARANTEES) {
      const { id, answer } = await platform.invoke(requestTo(guarantee));
      expect(JSON.parse(answer)).toMatchObject({ statusCode: 200 });
      await platform.idle();
      expect(journal.order(id).slice(-6)).toEqual(AFTER_ALL);
    }
    expect(journal.order()).not.toContain('extension next');
    expect(journal.strays()).toEqual([]);
  });

  it('managed instances are not even asked', async () => {
    const variables = { AWS_LAMBDA_INITIALIZATION_TYPE: 'lambda-managed-instances' };
    const { journal } = await startEnvironment({ variables });
    expect(journal.order()).toEqual(['runtime next', 'frozen']);
  });
});

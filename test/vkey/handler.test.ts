import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { answerStack, type VkeyWorld } from '../../lambda/vkey/handler';
import { vkeyOf } from '../../lib/ledger/checkpoint/key';

const { publicKey } = generateKeyPairSync('ed25519');
const DER = publicKey.export({ format: 'der', type: 'spki' });
const ORIGIN = 'audit.example.com/orders';
const ABOUT = { StackId: 'arn:stack', RequestId: 'request', LogicalResourceId: 'Vkey' };

type Kind = CloudFormationCustomResourceEvent['RequestType'];

function event(RequestType: Kind, PhysicalResourceId?: string): CloudFormationCustomResourceEvent {
  return {
    ...ABOUT,
    RequestType,
    PhysicalResourceId,
    ResponseURL: 'https://answers.example/1',
    ResourceProperties: { keyId: 'arn:key', origin: ORIGIN },
  } as unknown as CloudFormationCustomResourceEvent;
}

/** Asks for an answer where KMS gives what these calls give, one after the other and then the last again. */
async function answer(asked: CloudFormationCustomResourceEvent, ...calls: (() => Uint8Array)[]) {
  const put: [string, string][] = [];
  const asksFor: string[] = [];
  const slept: number[] = [];
  const world: VkeyWorld = {
    publicKeyOf: async (keyId) => {
      asksFor.push(keyId);
      const call = calls[Math.min(asksFor.length, calls.length) - 1];
      if (call === undefined) throw new Error('not expected');
      return call();
    },
    put: async (url, bytes) => void put.push([url, Buffer.from(bytes).toString()]),
    sleep: async (milliseconds) => slept.push(milliseconds),
  };
  await answerStack(world)(asked);
  expect(put).toHaveLength(1);
  const [[url, text] = ['', '']] = put;
  expect(url).toBe('https://answers.example/1');
  return { said: JSON.parse(text) as CloudFormationCustomResourceResponse, asksFor, slept };
}

const denied = () => {
  throw new Error('AccessDeniedException');
};

describe('the vkey resource', () => {
  it('tells the key that KMS has, as text, under the name of the ledger', async () => {
    const { said, asksFor } = await answer(event('Create'), () => DER);
    expect(said).toEqual({
      Status: 'SUCCESS',
      ...ABOUT,
      PhysicalResourceId: 'Vkey',
      Data: { vkey: vkeyOf(ORIGIN, publicKey) },
    });
    expect(asksFor).toEqual(['arn:key']);
  });

  it('stays the same resource when the key or the name changes', async () => {
    const { said } = await answer(event('Update', 'as before'), () => DER);
    expect(said).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'as before' });
    expect(said.Data).toEqual({ vkey: vkeyOf(ORIGIN, publicKey) });
  });

  it('goes without asking KMS, whose key stays', async () => {
    const { said, asksFor } = await answer(event('Delete', 'as before'));
    expect(said).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'as before' });
    expect(asksFor).toEqual([]);
  });

  it('waits until KMS knows the new key and its policy everywhere', async () => {
    const { said, slept } = await answer(event('Create'), denied, denied, () => DER);
    expect(said.Status).toBe('SUCCESS');
    expect(slept).toEqual([5_000, 5_000]);
  });

  it('says why there is none, before the function runs out of time', async () => {
    const { said, slept } = await answer(event('Create'), denied);
    expect(said).toEqual({
      Status: 'FAILED',
      Reason: 'no vkey: Error: AccessDeniedException',
      ...ABOUT,
      PhysicalResourceId: 'Vkey',
    });
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(120_000);
  });

  it('refuses a key of another kind', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
    const { said } = await answer(event('Create'), () => other);
    expect(said).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('not an Ed25519 key') });
  });
});

import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { answerStack } from '../../lambda/gateway-secret/handler';
import { gatewaySecretHash } from '../../lib/routing/gateway-secret';
import { hashAttribute } from '../../lib/routing/gateway-secret-resource';

const SECRET_ID = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:gateway-abcdef';

/** What Secrets Manager keeps of one secret: values by staging label. */
class FakeSecret {
  readonly versions = new Map<string, string>();
  readonly asked: string[] = [];
  /** Errors that the next calls end in. */
  readonly errors: Error[] = [];
  private uuids = 0;

  readonly call = async (action: string, input: Readonly<Record<string, unknown>>) => {
    expect(input['SecretId']).toBe(SECRET_ID);
    this.asked.push(action);
    const error = this.errors.shift();
    if (error !== undefined) throw error;
    if (action === 'GetSecretValue') {
      const value = this.versions.get(String(input['VersionStage']));
      if (value === undefined) throw Object.assign(new Error('absent'), { code: 'ResourceNotFoundException' });
      return { SecretString: value };
    }
    if (action !== 'PutSecretValue') throw new Error(`unexpected ${action}`);
    expect(input['ClientRequestToken']).toMatch(/^.{32,64}$/);
    const [label, ...others] = input['VersionStages'] as string[];
    expect(others).toEqual([]);
    this.versions.set(label!, String(input['SecretString']));
    return {};
  };

  async answer(version: number | string, old?: number | string): Promise<CloudFormationCustomResourceResponse> {
    const about = { StackId: 'arn:stack', RequestId: 'request', LogicalResourceId: 'GatewaySecret' };
    const update = { RequestType: 'Update', PhysicalResourceId: 'as before', OldResourceProperties: { secretId: SECRET_ID, version: old } }; // prettier-ignore
    const event = {
      ...about,
      ResponseURL: 'https://answers.example/1',
      ResourceProperties: { secretId: SECRET_ID, version },
      ...(old === undefined ? { RequestType: 'Create' } : update),
    } as unknown as CloudFormationCustomResourceEvent;
    let text = '';
    await answerStack({
      call: this.call,
      uuid: () => `${(this.uuids += 1)}`.padStart(36, '0'),
      put: async (_, bytes) => void (text = Buffer.from(bytes).toString()),
      sleep: async () => undefined,
    })(event);
    for (const secret of this.versions.values()) expect(text).not.toContain(secret);
    return JSON.parse(text) as CloudFormationCustomResourceResponse;
  }
}

const hashesIn = ({ Data }: CloudFormationCustomResourceResponse) => [-1, 0, 1].map((offset) => (Data as Record<string, string>)[hashAttribute(offset)]!); // prettier-ignore

describe('the gateway secret resource', () => {
  it('makes three versions that a stage variable can hold, and tells their hashes only', async () => {
    const secret = new FakeSecret();
    // CloudFormation makes texts of numbers.
    const said = await secret.answer('1');
    expect(said).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'GatewaySecret' });
    expect([...secret.versions.keys()]).toEqual(['gateway-0', 'gateway-1', 'gateway-2']);
    const values = [...secret.versions.values()];
    expect(new Set(values).size).toBe(3);
    for (const value of values) {
      expect(value).toMatch(/^[A-Za-z0-9\-._~:/?#&=,]+$/);
      expect(Buffer.from(value, 'base64url')).toHaveLength(32);
    }
    expect(hashesIn(said)).toEqual(values.map(gatewaySecretHash));
  });

  it('tells the same again where all are there', async () => {
    const secret = new FakeSecret();
    const first = await secret.answer(1);
    expect(await secret.answer(1, 1)).toMatchObject({ Status: 'SUCCESS', Data: first.Data });
    expect(secret.asked.filter((action) => action === 'PutSecretValue')).toHaveLength(3);
  });

  it.each([
    ['forward', 1, 2],
    ['back, as a deployment that failed is rolled back', 2, 1],
  ])(
    'keeps the function and the stage together while the version goes %s, whichever changes first',
    async (_, from, to) => {
      const secret = new FakeSecret();
      const known = { before: hashesIn(await secret.answer(from)), after: hashesIn(await secret.answer(to, from)) };
      for (const version of [from, to]) {
        const handed = gatewaySecretHash(secret.versions.get(`gateway-${version}`)!);
        expect(known.before).toContain(handed);
        expect(known.after).toContain(handed);
      }
    },
  );

  it('lets a secret go after two steps', async () => {
    const secret = new FakeSecret();
    await secret.answer(1);
    const old = gatewaySecretHash(secret.versions.get('gateway-1')!);
    expect(hashesIn(await secret.answer(2, 1))).toContain(old);
    expect(hashesIn(await secret.answer(3, 2))).not.toContain(old);
  });

  it('refuses a leap, and lets it be rolled back', async () => {
    const secret = new FakeSecret();
    const before = await secret.answer('1');
    expect(await secret.answer('9', '1')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('gatewaySecretVersion can go up by one') as string,
    });
    expect(await secret.answer('1', '9')).toMatchObject({ Status: 'SUCCESS', Data: before.Data });
  });

  it('waits until the new role may be used, and says why where it never may', async () => {
    const denied = new Error('AccessDeniedException');
    const secret = new FakeSecret();
    secret.errors.push(denied, denied);
    expect((await secret.answer(1)).Status).toBe('SUCCESS');
    secret.errors.push(...Array.from({ length: 8 }, () => denied));
    expect(await secret.answer(1, 1)).toMatchObject({ Status: 'FAILED', Reason: 'no gateway secret: Error: AccessDeniedException' }); // prettier-ignore
  });
});

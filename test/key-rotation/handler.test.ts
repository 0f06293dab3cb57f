import { describe, expect, it } from 'vitest';
import { rotation, type RotationWorld } from '../../lambda/key-rotation/handler';
import { decodeAssertionKeys } from '../../lib/routing/assertion-keys';
import { newAssertionKey, thumbprint } from '../../lib/routing/new-assertion-key';

/** Secrets Manager with one secret, as far as a rotation sees it. */
class FakeSecret implements RotationWorld {
  readonly texts = new Map<string, string>();
  readonly stages = new Map<string, string[]>();
  readonly newKey = newAssertionKey;

  constructor(first: string) {
    this.texts.set('first', first);
    this.stages.set('first', ['AWSCURRENT']);
  }

  async call(action: string, input: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    const { VersionStage: stage, ClientRequestToken: token } = input as Record<string, string>;
    if (action === 'DescribeSecret') return { VersionIdsToStages: Object.fromEntries(this.stages) };
    if (action === 'GetSecretValue') {
      const version = input['VersionId'] ?? this.versionWith(stage!);
      const text = this.stages.get(String(version))?.includes(stage!) ? this.texts.get(String(version)) : undefined;
      if (text === undefined) throw Object.assign(new Error('absent'), { code: 'ResourceNotFoundException' });
      return { SecretString: text };
    }
    if (action === 'PutSecretValue') {
      if (this.texts.has(token!)) throw new Error('a version cannot be written twice');
      this.texts.set(token!, String(input['SecretString']));
      this.stages.set(token!, [...(input['VersionStages'] as string[])]);
      return {};
    }
    if (action !== 'UpdateSecretVersionStage') throw new Error(`unexpected ${action}`);
    const { MoveToVersionId: to, RemoveFromVersionId: from } = input as Record<string, string>;
    expect(this.versionWith(stage!)).toBe(from);
    this.stages.set(from!, ['AWSPREVIOUS']);
    this.stages.set(to!, [stage!]);
    return {};
  }

  versionWith(stage: string): string | undefined {
    return [...this.stages].find(([, names]) => names.includes(stage))?.[0];
  }

  get keys() {
    return decodeAssertionKeys(this.texts.get(this.versionWith('AWSCURRENT')!)!).keys.map(({ kid }) => kid);
  }
}

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

async function rotate(secret: FakeSecret, token: string, steps = STEPS): Promise<void> {
  const handler = rotation(secret);
  for (const Step of steps) await handler({ SecretId: 'arn', ClientRequestToken: token, Step });
}

describe('a rotation', () => {
  it('makes the first key set of a secret that is new', async () => {
    const secret = new FakeSecret('random text');
    await rotate(secret, 'one');
    expect(new Set(secret.keys).size).toBe(3);
  });

  it('has the next key sign, and keeps the one that signed', async () => {
    const secret = new FakeSecret('random text');
    await rotate(secret, 'one');
    const [signing, next] = secret.keys;
    await rotate(secret, 'two');
    expect(secret.keys[0]).toBe(next);
    expect(secret.keys[2]).toBe(signing);
    expect(secret.keys).toHaveLength(3);
  });

  it('comes out the same when every step comes twice', async () => {
    const secret = new FakeSecret('random text');
    await rotate(
      secret,
      'one',
      STEPS.flatMap((step) => [step, step]),
    );
    expect(secret.versionWith('AWSCURRENT')).toBe('one');
  });

  it('does not let a key pair sign whose halves do not belong together', async () => {
    const secret = new FakeSecret('random text');
    const broken = { ...newAssertionKey(), x: newAssertionKey().x };
    secret.texts.set('one', JSON.stringify({ keys: [broken] }));
    secret.stages.set('one', ['AWSPENDING']);
    await expect(rotate(secret, 'one')).rejects.toThrow('do not belong together');
    expect(secret.versionWith('AWSCURRENT')).toBe('first');
  });

  it('refuses a step that it does not know', async () => {
    await expect(rotate(new FakeSecret(''), 'one', ['deleteSecret'])).rejects.toThrow('step deleteSecret');
  });
});

it('names a key by the thumbprint of RFC 8037', () => {
  // Appendix A.3
  expect(thumbprint('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

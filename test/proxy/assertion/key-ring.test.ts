import { afterEach, describe, expect, it, vi } from 'vitest';
import { KeyRing } from '../../../lambda/proxy/assertion/key-ring';
import { newAssertionKey } from '../../../lib/routing/new-assertion-key';

afterEach(() => void vi.restoreAllMocks());

const text = () => JSON.stringify({ keys: [newAssertionKey()] });

describe('a key ring', () => {
  it('reads once for all that ask at the same time', async () => {
    const read = vi.fn(async () => text());
    const ring = new KeyRing(read);
    const [a, b] = await Promise.all([ring.current(), ring.current()]);
    expect(a).toBe(b);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('reads again after five minutes, and nobody waits for it', async () => {
    let now = 0;
    const texts = [text(), text()];
    const ring = new KeyRing(async () => texts.shift()!, () => now); // prettier-ignore
    const first = await ring.current();
    now = 5 * 60_000 + 1;
    expect(await ring.current()).toBe(first);
    await vi.waitFor(async () => expect(await ring.current()).not.toBe(first));
  });

  it('keeps its keys where they cannot be read again', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    let now = 0;
    const read = vi.fn(async () => text()).mockImplementationOnce(async () => text());
    const ring = new KeyRing(read, () => now);
    const first = await ring.current();
    read.mockRejectedValue(new Error('throttled'));
    now = 5 * 60_000 + 1;
    expect(await ring.current()).toBe(first);
    await vi.waitFor(() => expect(error).toHaveBeenCalled());
    for (let n = 0; n < 5; n += 1) expect(await ring.current()).toBe(first);
    // Not once for each request: whoever throttles would never stop.
    expect(read).toHaveBeenCalledTimes(2);
    now += 60_001;
    await ring.current();
    expect(read).toHaveBeenCalledTimes(3);
  });

  it.each(['', 'random', '{}', '{"keys":[]}', '{"keys":[{"kty":"EC"}]}', 'null'])(
    'refuses %j, and tells nothing of it',
    async (wrong) => {
      const message = await new KeyRing(async () => wrong).current().then(String, (error: Error) => error.message);
      expect(message).toMatch(/^the secret holds (no key set yet|a key that is no Ed25519 key pair with an id)$/);
    },
  );
});

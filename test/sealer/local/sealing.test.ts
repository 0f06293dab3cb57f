import { describe, expect, it } from 'vitest';
import { Sealing, type SealingParts } from '../../../lambda/sealer/local/sealing';
import { SealError, type ObjectVersion, type SealReport } from '../../../lib/ledger/seal';

const DONE: SealReport = {
  head: { size: 0, root: Buffer.alloc(32) },
  ...{ sealed: [], known: 0, missing: [], unreadable: [], failed: [] },
};

/** A trail whose keys can be added, and a sealer that says what it was given. */
function sealing(seal: (versions: ObjectVersion[], round: number) => Partial<SealReport> = () => ({}), intervalMs = 1) {
  const keys: string[] = [];
  const given: string[][] = [];
  const warnings: string[] = [];
  const parts: SealingParts = {
    listing: { keys: async () => [...keys] },
    sealer: {
      seal: async (versions) => {
        const all = [...versions];
        given.push(all.map(({ key }) => key));
        return { ...DONE, ...seal(all, given.length) };
      },
    },
    intervalMs,
    warn: (line) => void warnings.push(line),
  };
  return { keys, given, warnings, start: () => new Sealing(parts) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('sealing a folder', () => {
  it('gives each object to the sealer once, as it comes', async () => {
    const { keys, given, start } = sealing();
    keys.push('fallback/a');
    const running = start();
    await until(() => given.length === 1);
    keys.push('fallback/b');
    await until(() => given.length === 2);
    keys.push('fallback/c');
    expect(await running.stop()).toBe(true);
    expect(given.flat()).toEqual(['fallback/a', 'fallback/b', 'fallback/c']);
  });

  it('does not wait for its time when it is told to stop', async () => {
    const { keys, given, start } = sealing(undefined, 3_600_000);
    const running = start();
    keys.push('fallback/a');
    expect(await running.stop()).toBe(true);
    expect(given.flat()).toEqual(['fallback/a']);
  });

  it('tries again what could not be read, and says so once', async () => {
    const { keys, given, warnings, start } = sealing((versions, round) =>
      round <= 3 ? { failed: versions.map((version) => ({ version, error: new Error('EIO') })) } : {},
    );
    keys.push('fallback/a');
    const running = start();
    await until(() => given.length === 4);
    expect(await running.stop()).toBe(true);
    expect(given).toEqual(Array.from({ length: 4 }, () => ['fallback/a']));
    expect(warnings).toEqual(['cannot read fallback/a: Error: EIO', 'all of the trail is sealed again']);
  });

  it('goes on after an error that may pass', async () => {
    const { keys, given, warnings, start } = sealing((_versions, round) => {
      if (round <= 2) throw new Error('ENOSPC');
      return {};
    });
    keys.push('fallback/a');
    const running = start();
    await until(() => given.length === 3);
    expect(await running.stop()).toBe(true);
    expect(warnings).toEqual(['cannot seal now: Error: ENOSPC', 'all of the trail is sealed again']);
  });

  it('stops for good where the ledger is not as it must be', async () => {
    const { keys, given, warnings, start } = sealing(() => {
      throw new SealError('FORKED', 'two trees');
    });
    keys.push('fallback/a');
    const running = start();
    await until(() => warnings.length === 1);
    keys.push('fallback/b');
    expect(await running.stop()).toBe(false);
    expect(given).toHaveLength(1);
    expect(warnings).toEqual(['sealing stopped: SealError: two trees']);
  });

  it('says at the end that something is left', async () => {
    const { keys, start } = sealing((versions) => ({ failed: versions.map((version) => ({ version, error: 'x' })) }));
    keys.push('fallback/a');
    expect(await start().stop()).toBe(false);
  });

  it('says of which objects the events cannot be read', async () => {
    const { keys, warnings, start } = sealing((versions) => ({
      unreadable: versions.map((version) => ({ version, reason: 'not Parquet' })),
    }));
    keys.push('events/a.parquet');
    expect(await start().stop()).toBe(true);
    expect(warnings).toEqual([
      'events/a.parquet is sealed, but its events are not as a writer puts them there: not Parquet',
    ]);
  });
});

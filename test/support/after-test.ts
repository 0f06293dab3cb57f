import { onTestFinished } from 'vitest';

/**
 * Runs after the test that calls it, whatever comes of that; the latest first. Not by `afterEach`: files of tests share what they
 * import, and a hook in it would be the first file's alone.
 */
export function afterTest(cleanup: () => unknown): void {
  onTestFinished(async () => void (await cleanup()));
}

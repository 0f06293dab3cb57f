import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterTest } from './after-test';

/** Why folders cannot be made immutable here; undefined where they can. */
export function immutabilityRefusal(): string | undefined {
  if (process.platform !== 'linux') return 'only tested on Linux';
  const folder = mkdtempSync(path.join(tmpdir(), 'immutable-'));
  try {
    setImmutable(folder, true);
    setImmutable(folder, false);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n').slice(0, 2).join(' ');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Takes the right to create, rename and remove names in a folder and all below from everybody, root included. Open files can
 * still be written.
 *
 * @returns gives it back; that happens after the test in any case
 */
export function makeImmutable(folder: string): () => void {
  afterTest(() => setImmutable(folder, false));
  setImmutable(folder, true);
  return () => setImmutable(folder, false);
}

function setImmutable(folder: string, isImmutable: boolean): void {
  const flag = isImmutable ? '+i' : '-i';
  execFileSync('find', [folder, '-type', 'd', '-exec', 'chattr', flag, '{}', '+'], { stdio: 'pipe' });
}

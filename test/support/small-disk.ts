import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterTest } from './after-test';

/** Why no file system can be mounted here; undefined where it can. */
export function mountRefusal(): string | undefined {
  if (process.platform !== 'linux') return 'only tested on Linux';
  const folder = mkdtempSync(path.join(tmpdir(), 'mount-'));
  try {
    mount(folder, '64k');
    execFileSync('umount', [folder], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n').slice(0, 2).join(' ');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file system of its own, with so much room; unmounted after the test. */
export class SmallDisk {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'small-disk-'));
  private readonly ballast = path.join(this.folder, 'ballast');

  constructor(size: string) {
    mount(this.folder, size);
    afterTest(() => {
      execFileSync('umount', ['--lazy', this.folder], { stdio: 'pipe' });
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** Takes all the room that is left. */
  fill(): void {
    const file = openSync(this.ballast, 'a');
    try {
      for (;;) writeSync(file, Buffer.alloc(4096));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.ballast);
  }
}

function mount(folder: string, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder], { stdio: 'pipe' });
}

import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Bundles functions and CLI before any test runs: tests use the bundles that are deployed. */
export default function setup(): void {
  execFileSync(process.execPath, [path.join(__dirname, '..', '..', 'scripts', 'bundle.mjs')], { stdio: 'inherit' });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Progress } from '../../bin/verify/progress';
import { localStore } from '../../bin/verify/trail/local-store';
import { verify, type Totals } from '../../bin/verify/verify';

export interface Verified {
  readonly totals: Totals;
  /** Number of findings. */
  readonly findings: number;
  readonly seconds: number;
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
  readonly maxRssBytes: number;
}

/** Verifies in a process of its own, so that its memory is not that of whoever made the trail. */
export async function verifyInProcess(dir: string): Promise<Verified> {
  const child = spawn(process.execPath, [process.argv[1]!, '--measured', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number | null]>]);
  if (code !== 0) throw new Error(`the verification ended with ${code}`);
  return JSON.parse(out) as Verified;
}

/** Verifies in this process, and prints a `Verified`. */
export async function verifyHere(dir: string): Promise<void> {
  const start = performance.now();
  const starts: { name: string; at: number }[] = [];
  const progress: Progress = {
    phase: (name) => void starts.push({ name, at: performance.now() }),
    at: () => undefined,
    end: () => undefined,
  };
  const { totals, findings } = await verify({
    store: localStore(await realpath(dir)),
    sealLagMs: 0,
    edgeLagMs: 0,
    now: Date.now(),
    progress,
  });
  const end = performance.now();
  const phases = starts.map(({ name, at }, i) => ({ name, seconds: ((starts[i + 1]?.at ?? end) - at) / 1_000 }));
  const verified: Verified = {
    totals,
    findings: findings.length,
    seconds: (end - start) / 1_000,
    phases,
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
  };
  process.stdout.write(JSON.stringify(verified));
}

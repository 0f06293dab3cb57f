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

/** What a run of this program with these arguments prints, in a process of its own, so that its memory is its own. */
export async function inProcess<T>(...args: string[]): Promise<T> {
  const child = spawn(process.execPath, [process.argv[1]!, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number | null]>]);
  if (code !== 0) throw new Error(`the process that was measured ended with ${code}`);
  return JSON.parse(out) as T;
}

/** Verifies in this process. */
export async function verifyHere(dir: string): Promise<Verified> {
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
  return {
    totals,
    findings: findings.length,
    seconds: (end - start) / 1_000,
    phases,
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another copy of the bundle. */
  readonly bundle?: string;
}

export const CLI = path.join(__dirname, '..', '..', 'dist', 'bin', 'audit-proxy.js');

/** Runs the bundled command as its user would. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { COLUMNS: _, ...env } = process.env;
  const child = spawn(process.execPath, [options.bundle ?? CLI, ...args], {
    cwd: options.cwd,
    env: { ...env, ...options.env },
  });
  child.stdin.end(options.stdin ?? '');
  const exit = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
}

import { realpath } from 'node:fs/promises';
import { noteVerifier } from '../../lib/ledger';
import { NO_PROGRESS } from '../../bin/verify/progress';
import { localStore } from '../../bin/verify/trail/local-store';
import { verify, type Verification, type VerifyOptions } from '../../bin/verify/verify';

/** An hour from now, so that nothing in a trail is too young to be judged. */
export const later = () => Date.now() + 3_600_000;

export type FolderOptions = Omit<Partial<VerifyOptions>, 'key'> & {
  /** A vkey. @default the one in the folder */
  readonly key?: string;
};

/** Verifies a trail in a folder, in this process. */
export async function verifyFolder(dir: string, { key, ...options }: FolderOptions = {}): Promise<Verification> {
  return verify({
    store: localStore(await realpath(dir)),
    ...(key !== undefined && { key: noteVerifier(key) }),
    sealLagMs: 120_000,
    edgeLagMs: 120_000,
    now: later(),
    progress: NO_PROGRESS,
    isFirstRun: options.saved === undefined,
    ...options,
  });
}

/** The codes of the findings, each once, sorted. */
export function codesOf({ findings }: Pick<Verification, 'findings'>): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

import { Option } from 'commander';
import { openLocalTrail, type LocalTrail } from '../query/duckdb-queries';

export interface LocalOption {
  readonly local: string;
}

/** `--local`, the same for every command that reads a trail. */
export function localOption(): Option {
  return new Option('--local <dir>', 'folder of the local trail').default('.audit');
}

/** Opens the trail, works with it, and closes it whatever happens. */
export async function withTrail<T>({ local }: LocalOption, work: (trail: LocalTrail) => Promise<T>): Promise<T> {
  const trail = await openLocalTrail(local);
  try {
    return await work(trail);
  } finally {
    await trail.close();
  }
}

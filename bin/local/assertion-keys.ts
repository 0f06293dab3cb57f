import { newAssertionKey } from '../../lib/routing/new-assertion-key';
import { localSecret } from './secret-file';

/** The keys that sign who called. Whoever has them can pass for anybody. */
const FILE = 'assertion.json';

/**
 * The key set of the local pipeline, made at the first start.
 *
 * @param dataFolder absolute
 * @returns what the function takes in a secret's place
 */
export function localAssertionKeys(dataFolder: string): Promise<string> {
  return localSecret(dataFolder, FILE, () => JSON.stringify({ keys: [newAssertionKey(), newAssertionKey()] }));
}

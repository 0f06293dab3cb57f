import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { keysFolder, localSecret } from './secret-file';

/** The key of the trail's pseudonyms. Whoever has it can find out, by trying, which values they stand for. */
const FILE = 'pseudonym.key';

/**
 * The key of a local trail's pseudonyms, made at the first start.
 *
 * @param dataFolder absolute
 * @returns what the function takes in a secret's place
 */
export function localPseudonymKey(dataFolder: string): Promise<string> {
  return localSecret(dataFolder, FILE, () => `${randomBytes(32).toString('hex')}\n`);
}

/** Where it lies. */
export function pseudonymKeyFile(dataFolder: string): string {
  return path.join(keysFolder(dataFolder), FILE);
}

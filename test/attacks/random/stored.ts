import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Random } from '../../faults/random/random';
import { overwrite, remove } from '../tools';

/** What somebody does to the objects of a trail that are sealed, with the rights of the folder's owner. */
export type StoredAttack = (dir: string, keys: readonly string[], random: Random) => Promise<void>;

/** Each leaves something that key and checkpoint tell: every byte that is sealed is bound by its leaf. */
export const STORED_ATTACKS: Readonly<Record<string, StoredAttack>> = {
  'flip a bit': async (dir, keys, random) => {
    const key = random.oneOf(keys);
    const bytes = await readFile(path.join(dir, key));
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    await overwrite(dir, key, bytes);
  },
  'cut an object': async (dir, keys, random) => {
    const key = random.oneOf(keys);
    const bytes = await readFile(path.join(dir, key));
    await overwrite(dir, key, bytes.subarray(0, random.below(bytes.length)));
  },
  'remove an object': (dir, keys, random) => remove(dir, random.oneOf(keys)),
  'remove all objects': (dir, keys) => remove(dir, ...keys),
  'put one object in the place of another': async (dir, keys, random) => {
    const [a, b] = [random.oneOf(keys), random.oneOf(keys)];
    if (a === b) await remove(dir, a);
    else await overwrite(dir, a, await readFile(path.join(dir, b)));
  },
  'rename an object': async (dir, keys, random) => {
    const key = random.oneOf(keys);
    await rename(path.join(dir, key), path.join(dir, key.replace(/([^/]*)$/, 'renamed-$1')));
  },
  'add an object': async (dir, keys, random) => {
    const key = random.oneOf(keys);
    await writeFile(path.join(dir, key.replace(/([^/]*)$/, 'added-$1')), await readFile(path.join(dir, key)));
  },
  'add an object that Athena reads alone': async (dir, keys, random) => {
    const key = random.oneOf(keys);
    const name = random.oneOf(['x', 'x.PARQUET', 'x.parquet.bak', 'deeper/x.parquet']);
    const file = path.join(dir, path.dirname(key), name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, await readFile(path.join(dir, key)));
  },
}; // prettier-ignore

import { existsSync } from 'node:fs';
import path from 'node:path';

/** Folder of the package: the nearest one upwards with a package.json, be it from the sources or from `dist`. */
export function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${__dirname}`);
    folder = parent;
  }
  return folder;
}

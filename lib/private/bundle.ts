import fs from 'node:fs';
import path from 'node:path';

const PACKAGE_NAME = 'cdk-audit-proxy';

/**
 * Folder of a function that was bundled when the package was built: `dist/lambda/<name>` in the package's root. The root
 * is searched upwards, since this file lies in `lib/private`, in `dist/private` or within `dist/bin/app.js`.
 *
 * @param file what must be in it
 * @throws Error if the bundle is not there, with the command that makes it.
 */
export function bundlePath(name: string, from: string = __dirname, file = 'index.mjs'): string {
  const root = packageRoot(from);
  const folder = path.join(root, 'dist', 'lambda', name);
  if (!fs.existsSync(path.join(folder, file))) {
    throw new Error(`the function bundle dist/lambda/${name} is missing in ${root}; run "npm run bundle" there`);
  }
  return folder;
}

function packageRoot(from: string): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (nameOf(path.join(folder, 'package.json')) === PACKAGE_NAME) return folder;
    if (folder === path.dirname(folder)) throw new Error(`no package.json of ${PACKAGE_NAME} above ${from}`);
  }
}

function nameOf(packageFile: string): string | undefined {
  if (!fs.existsSync(packageFile)) return undefined;
  return (JSON.parse(fs.readFileSync(packageFile, 'utf8')) as { name?: string }).name;
}

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startJournaled, type JournaledService } from './journal';

/**
 * A registry with one package, `oolong-tea` 1.0.0.
 *
 * @param publicUrl its URL as clients know it, without a slash at the end
 */
export async function startNpmRegistry(folder: string, publicUrl: () => string): Promise<JournaledService> {
  const tarball = packed(folder);
  return startJournaled((request, response) => {
    if (request.url === '/oolong-tea/-/oolong-tea-1.0.0.tgz') {
      response.setHeader('Content-Type', 'application/octet-stream').end(tarball);
    } else if (request.url === '/oolong-tea') {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(document(tarball, publicUrl())));
    } else {
      response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"error":"Not found"}');
    }
  });
}

function packed(folder: string): Buffer {
  mkdirSync(path.join(folder, 'package'));
  writeFileSync(path.join(folder, 'package/package.json'), JSON.stringify({ name: 'oolong-tea', version: '1.0.0' }));
  writeFileSync(path.join(folder, 'package/index.js'), "module.exports = 'oolong';\n");
  return execFileSync('tar', ['-czf', '-', '-C', folder, 'package']);
}

/** @see https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md */
function document(tarball: Buffer, publicUrl: string): object {
  const dist = {
    tarball: `${publicUrl}/oolong-tea/-/oolong-tea-1.0.0.tgz`,
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
  };
  const version = { name: 'oolong-tea', version: '1.0.0', dist };
  return { name: 'oolong-tea', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } };
}

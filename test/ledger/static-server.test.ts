import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CHECKPOINT_PATH,
  EMPTY_EDGE,
  appendEntries,
  checkAppendOnly,
  localSigner,
  openCheckpoint,
  signCheckpoint,
  verifyTiles,
  type TileReader,
} from '../../lib/ledger';
import { entriesOf } from './support';

/** The ledger as files in a folder, and a web server that knows nothing of it. */
describe('a ledger behind a static file server', () => {
  const origin = 'example.com/ledger';
  const signer = localSigner(origin, generateKeyPairSync('ed25519').privateKey);
  const entries = entriesOf(66_000);
  let folder: string;
  let server: http.Server;
  let reader: TileReader;

  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(tmpdir(), 'ledger-'));
    server = http.createServer(serveFile).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    reader = {
      async read(file) {
        const response = await fetch(`http://127.0.0.1:${port}/${file}`);
        return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
      },
    };
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await fs.rm(folder, { recursive: true });
  });

  it('is read and verified over HTTP, at each checkpoint', async () => {
    let edge = EMPTY_EDGE;
    let saved: Buffer | undefined;
    // Full and partial files of one index come to lie side by side: 000.p/ beside 000, x001/ beside 001.
    for (const size of [1, 255, 256, 300, 66_000]) {
      const appended = appendEntries(edge, entries.slice(edge.size, size));
      for (const { path: file, body } of appended.files) await writeNew(file, body);
      const note = await signCheckpoint({ origin, size, root: appended.root }, [signer]);
      await fs.writeFile(path.join(folder, CHECKPOINT_PATH), note);
      edge = appended.edge;

      const published = Buffer.from((await reader.read(CHECKPOINT_PATH))!);
      const checkpoint = openCheckpoint(published, [signer.verifier]);
      if (saved) await checkAppendOnly(reader, openCheckpoint(saved, [signer.verifier]), checkpoint);
      saved = published;
    }
    let count = 0;
    for await (const batch of verifyTiles(reader, openCheckpoint(saved!, [signer.verifier]), { from: 65_000 })) {
      count += batch.entries.length;
    }
    expect(count).toBe(1_000);
  });

  async function writeNew(file: string, body: Buffer): Promise<void> {
    await fs.mkdir(path.join(folder, path.dirname(file)), { recursive: true });
    await fs.writeFile(path.join(folder, file), body, { flag: 'wx' });
  }

  function serveFile(request: http.IncomingMessage, response: http.ServerResponse): void {
    createReadStream(path.join(folder, path.normalize(request.url!)))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  }
});

import { access, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newSigner } from '../ledger/evidence/support';
import { s3Client } from '../support/s3-client';
import { S3Server } from '../support/s3-server';
import { sealBucket } from '../support/sealed-bucket';
import { sealFolder } from '../support/seal-folder';
import { writeBytes } from '../support/sample-trail';

/** Somebody who has the ledger begin anew, signed by the true key. */
const signer = newSigner('audit.example.com/orders');
const BUCKET = 'trail';
const GONE = { code: 'LEDGER_GONE' };

describe('a ledger in a bucket', () => {
  async function sealed() {
    const s3 = await S3Server.start();
    const client = s3Client(s3);
    s3.add('edge/dt=2026-11-24/hour=07/a', 'a');
    await sealBucket(client, BUCKET, signer);
    const seal = () => sealBucket(client, BUCKET, signer);
    return { s3, seal, checkpoint: () => s3.objects.get('ledger/checkpoint')! };
  }

  const ledgerKeys = (s3: S3Server) => [...s3.objects.keys()].filter((key) => key.startsWith('ledger/'));

  it('whose head and checkpoint are hidden by delete markers is not founded again', async () => {
    const { s3, seal, checkpoint } = await sealed();
    for (const key of ['ledger/head', 'ledger/checkpoint']) s3.add(key, '', { isDeleteMarker: true });
    await expect(seal()).rejects.toMatchObject(GONE);
    expect(checkpoint()).toHaveLength(2);
  });

  it('all of whose files are hidden by delete markers is not founded again', async () => {
    const { s3, seal, checkpoint } = await sealed();
    for (const key of ledgerKeys(s3)) s3.add(key, '', { isDeleteMarker: true });
    await expect(seal()).rejects.toMatchObject(GONE);
    expect(checkpoint()).toHaveLength(2);
  });

  it('of which a tile or an index file is left is not founded again', async () => {
    for (const left of ['ledger/tile/', 'ledger/index/']) {
      const { s3, seal } = await sealed();
      for (const key of ledgerKeys(s3)) if (!key.startsWith(left)) s3.objects.delete(key);
      await expect(seal()).rejects.toMatchObject(GONE);
    }
  });
});

describe('a ledger in a folder', () => {
  async function sealed(): Promise<string> {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'founding-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await writeBytes(dir, 'edge/dt=2026-11-24/hour=07/a', 'a');
    await sealFolder(dir);
    return dir;
  }

  it('of which only tiles and index are left is not founded again', async () => {
    const dir = await sealed();
    for (const name of ['head', 'checkpoint', 'versions', 'staging']) await rm(path.join(dir, 'ledger', name), { recursive: true }); // prettier-ignore
    await expect(sealFolder(dir)).rejects.toMatchObject(GONE);
  });

  it('of which nothing is left is not founded again, as long as its key is there', async () => {
    for (const without of [[], ['keys/ledger.size'], ['keys/ledger.vkey', 'keys/ledger.size']]) {
      const dir = await sealed();
      for (const name of ['ledger', '.staging-ledger', ...without]) await rm(path.join(dir, name), { recursive: true });
      await expect(sealFolder(dir)).rejects.toMatchObject(GONE);
      await expect(access(path.join(dir, 'ledger/checkpoint'))).rejects.toThrow('ENOENT');
    }
  });

  it('that was put back to an older state as a whole is not gone on with', async () => {
    const dir = await sealed();
    await cp(path.join(dir, 'ledger'), path.join(dir, 'saved'), { recursive: true });
    await writeBytes(dir, 'edge/dt=2026-11-24/hour=07/b', 'b');
    await sealFolder(dir);
    await rm(path.join(dir, 'ledger'), { recursive: true });
    await rename(path.join(dir, 'saved'), path.join(dir, 'ledger'));
    await expect(sealFolder(dir)).rejects.toMatchObject(GONE);
  });

  it('is founded after a sealer that made the key and died', async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'founding-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await sealFolder(dir, []);
    await writeBytes(dir, 'edge/dt=2026-11-24/hour=07/a', 'a');
    expect((await sealFolder(dir)).head.size).toBe(1);
  });

  it('goes on beside files that a desktop leaves in every folder', async () => {
    const dir = await sealed();
    const folders = (await readdir(path.join(dir, 'ledger'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isDirectory()); // prettier-ignore
    for (const { parentPath, name } of folders) {
      for (const file of ['.DS_Store', 'Thumbs.db']) await writeFile(path.join(parentPath, name, file), 'Bud1');
    }
    await writeFile(path.join(dir, 'ledger/.DS_Store'), 'Bud1');
    await writeBytes(dir, 'edge/dt=2026-11-24/hour=07/b', 'b');
    const { sealed: appended, head } = await sealFolder(dir);
    expect(appended.map(({ key }) => key)).toEqual(['edge/dt=2026-11-24/hour=07/b']);
    expect(head.size).toBe(2);
  });

  it('is founded in a folder that holds nothing but such files', async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'founding-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    for (const folder of ['ledger/tile', 'ledger/index', 'ledger/versions/head']) {
      await mkdir(path.join(dir, folder), { recursive: true });
      await writeFile(path.join(dir, folder, '.DS_Store'), 'Bud1');
    }
    await writeBytes(dir, 'edge/dt=2026-11-24/hour=07/a', 'a');
    expect((await sealFolder(dir)).head.size).toBe(1);
  });
});

import path from 'node:path';
import { LEDGER_PREFIX } from '../../lib/event/keys';
import type { NoteSigner } from '../../lib/ledger';
import { Sealer, type SealReport } from '../../lib/ledger/seal';
import { Inspector } from '../../lambda/sealer/inspect/inspector';
import { DurableFiles } from '../../lambda/sealer/local/durable';
import { FolderListing } from '../../lambda/sealer/local/folder-listing';
import { folderObjects, NO_VERSION } from '../../lambda/sealer/local/folder-objects';
import { FolderStore } from '../../lambda/sealer/local/folder-store';
import { KnownSize } from '../../lambda/sealer/local/known-size';
import { localKey } from '../../lambda/sealer/local/local-key';
import { timing } from '../../lambda/sealer/timing';

/**
 * Seals a trail in a folder as the local sealer's process does.
 *
 * @param keys of the objects. Default: all that are there.
 * @param signer default: the key in the folder, made where there is none
 */
export async function sealFolder(dir: string, keys?: readonly string[], signer?: NoteSigner): Promise<SealReport> {
  const staging = path.join(dir, '.staging-ledger');
  const files = await DurableFiles.open(staging);
  const known = signer === undefined ? await KnownSize.open(path.join(dir, 'keys'), files) : undefined;
  const sealer = new Sealer({
    store: await FolderStore.open(path.join(dir, LEDGER_PREFIX), staging),
    inspector: new Inspector(folderObjects(dir)),
    signer: signer ?? (await localKey(path.join(dir, 'keys'), files)),
    timing,
    ...(known && { minTreeSize: known.atLeast }),
  });
  const all = keys ?? (await new FolderListing(dir).keys());
  const report = await sealer.seal(all.map((key) => ({ key, versionId: NO_VERSION })));
  await known?.raise(report.head.size);
  return report;
}

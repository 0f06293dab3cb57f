import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SealedEvent } from '../../lib/event/chain';
import { eventsRoot, type NoteSigner } from '../../lib/ledger';
import { Sealer, type ObjectFacts } from '../../lib/ledger/seal';
import { MemorySealStore } from './memory-seal-store';
import { writeBytes } from './sample-trail';

/** Seals objects of a trail in a folder, as the sealer does, and can go on with others. */
export class TrailSealer {
  private readonly ledger = new MemorySealStore();
  /** What the sealer will find in objects that are not in the folder. */
  private readonly made = new Map<string, ObjectFacts>();

  constructor(
    private readonly dir: string,
    private readonly signer: NoteSigner,
  ) {}

  /** @param objects keys of objects in the folder, and the events in them in file order */
  async seal(objects: Readonly<Record<string, readonly SealedEvent[] | undefined>>): Promise<void> {
    for (const [key, events] of Object.entries(objects)) {
      const file = path.join(this.dir, key);
      const sha256 = createHash('sha256').update(await readFile(file)).digest('hex'); // prettier-ignore
      const root = events && { events: eventsRoot(events.map(({ fingerprint }) => fingerprint)) };
      this.made.set(key, { size: (await stat(file)).size, sha256, ...root });
    }
    await this.sealMade(Object.keys(objects));
  }

  /** Fills the ledger with leaves of objects that were disposed of since. */
  async fill(count: number): Promise<void> {
    const keys = Array.from({ length: count }, (_, i) => `events/dt=2025-11-24/hour=07/${this.made.size + i}.parquet`);
    for (const key of keys) this.made.set(key, { size: 1, sha256: createHash('sha256').update(key).digest('hex') });
    await this.sealMade(keys);
  }

  private async sealMade(keys: readonly string[]): Promise<void> {
    const sealer = new Sealer({
      store: this.ledger.client(),
      inspector: { inspect: async ({ key }) => this.made.get(key) },
      signer: this.signer,
      timing: { sleep: async () => undefined, random: () => 0 },
    });
    await sealer.seal(keys.map((key) => ({ key, versionId: 'null' })));
    for (const [file, { bytes }] of this.ledger.files) await writeBytes(this.dir, `ledger/${file}`, bytes);
  }
}

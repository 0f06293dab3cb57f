import type { Bucket, ListedVersion } from './aws/bucket';
import type { Slice } from './sweep';

export interface SweepRun {
  readonly bucket: Pick<Bucket, 'versions'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Seals those that are not sealed yet. @throws Error if that fails; then the run ends */
  seal(versions: readonly ListedVersion[]): Promise<void>;
}

/** Versions that are sealed at once. */
const BATCH = 5_000;

/** Lists parts of the bucket one after the other and seals what is in them, as far as time allows. */
export class Sweeping {
  private batch: ListedVersion[] = [];

  constructor(private readonly run: SweepRun) {}

  /** Takes versions that were listed already. */
  async take(versions: readonly ListedVersion[]): Promise<void> {
    this.batch.push(...versions);
    if (this.batch.length >= BATCH) await this.flush();
  }

  /**
   * @param until no listing begins after this time, epoch milliseconds
   * @returns what is left, and where in it the listing goes on. All before it is sealed, or will be by `flush`
   */
  async go(slices: readonly Slice[], until: number): Promise<Slice[]> {
    for (const [i, slice] of slices.entries()) {
      let { after } = slice;
      if (this.run.now() >= until) return slices.slice(i);
      for await (const page of this.run.bucket.versions(slice.prefix, after)) {
        const last = page.at(-1);
        if (last !== undefined) after = { key: last.key, versionId: last.versionId };
        await this.take(page.filter(({ lastModified }) => lastModified >= (slice.since ?? 0)));
        if (this.run.now() >= until) return [{ ...slice, ...(after && { after }) }, ...slices.slice(i + 1)];
      }
    }
    return [];
  }

  /** Seals what was taken. */
  async flush(): Promise<void> {
    const { batch } = this;
    this.batch = [];
    await this.run.seal(batch);
  }
}

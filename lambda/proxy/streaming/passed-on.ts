import { createHash } from 'node:crypto';
import type { BodyFacts } from '../../../lib/event/request-facts';

/** Length and SHA-256 of bytes as they are passed on; and the bytes themselves, unless they are too many to be captured. */
export class PassedOn {
  private readonly hash = createHash('sha256');
  private kept: Buffer[] | undefined;
  length = 0;

  /** @param maxKept most bytes that are kept; 0: none are */
  constructor(private readonly maxKept: number) {
    this.kept = maxKept > 0 ? [] : undefined;
  }

  add(chunk: Buffer): void {
    this.length += chunk.length;
    this.hash.update(chunk);
    if (this.length > this.maxKept) this.kept = undefined;
    this.kept?.push(chunk);
  }

  /** To be asked once, at the end. */
  facts(): BodyFacts {
    return { length: this.length, sha256: this.hash.digest('hex') };
  }

  get body(): Buffer | undefined {
    return this.kept && Buffer.concat(this.kept);
  }
}

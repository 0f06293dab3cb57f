import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { eventFromRow } from '../../lib/event/row';
import type { AuditEvent } from '../../lib/event/schema';
import { EvidenceUnavailable } from './error';

/** An object of the trail, and what its events say their fingerprints are. */
export interface ObjectEvents {
  /** SHA-256 of the object's bytes, in hex. */
  readonly sha256: string;
  /** In file order. */
  readonly fingerprints: readonly string[];
  /** The event at a place. @throws TypeError if it is none that a writer made */
  event(index: number): Promise<AuditEvent>;
}

/**
 * Reads an object with events: Parquet as delivered, or JSON lines of the fallback.
 *
 * @throws EvidenceUnavailable if it cannot be decoded
 */
export async function readObjectEvents(root: string, key: string): Promise<ObjectEvents> {
  const bytes = await readFile(path.join(root, key));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  try {
    return { sha256, ...(key.endsWith('.parquet') ? await parquetEvents(bytes) : jsonEvents(bytes)) };
  } catch (error) {
    throw new EvidenceUnavailable(`${key} cannot be decoded: ${error instanceof Error ? error.message : error}`);
  }
}

type Decoded = Omit<ObjectEvents, 'sha256'>;

async function parquetEvents(bytes: Buffer): Promise<Decoded> {
  const { parquetMetadata, parquetReadObjects } = await import('hyparquet');
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const metadata = parquetMetadata(file);
  // One column is all that the others are needed for.
  const attestations = await parquetReadObjects({ file, metadata, columns: ['attestation_list'] });
  return {
    fingerprints: attestations.map(fingerprintIn),
    event: async (index) => {
      const [row] = await parquetReadObjects({ file, metadata, rowStart: index, rowEnd: index + 1 });
      return eventFromRow(row ?? {});
    },
  };
}

function jsonEvents(bytes: Buffer): Decoded {
  const lines = bytes.toString().split('\n').filter((line) => line !== ''); // prettier-ignore
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { fingerprints: rows.map(fingerprintIn), event: async (index) => eventFromRow(rows[index] ?? {}) };
}

function fingerprintIn(row: Record<string, unknown>, index: number): string {
  const [attestation] = (row.attestation_list ?? []) as { readonly fingerprint?: { readonly value?: unknown } }[];
  const value = attestation?.fingerprint?.value;
  if (typeof value !== 'string') throw new TypeError(`event ${index} has no fingerprint`);
  return value;
}

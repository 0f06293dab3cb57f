import { parquetReadObjects } from 'hyparquet';
import { eventFormatOf, partitionOf } from '../../lib/event/keys';
import type { FoundEvent } from '../evidence/find-event';
import { eventLines, parquetFile } from '../verify/objects/fingerprints';
import type { StoredVersion } from '../verify/trail/trail-store';
import type { Answered } from './canary';
import type { DoctoredTrail } from './doctored-trail';

/** The canary's event, and the object that it lies in. */
export interface FoundCanary {
  readonly event: FoundEvent;
  readonly version: StoredVersion;
}

/** Clocks of two machines may differ by so much. */
const CLOCKS_DIFFER_MS = 60_000;

/** Looks for the canary's outcome among what came into the trail since it was sent; never twice into the same object. */
export class CanarySearch {
  private readonly seen = new Set<string>();

  constructor(
    private readonly trail: DoctoredTrail,
    private readonly answered: Answered & { readonly requestId: string },
  ) {}

  async look(): Promise<FoundCanary | undefined> {
    for await (const version of this.newVersions()) {
      const bytes = await this.trail.source.read(version);
      const event = bytes && (await outcomeIn(version.key, bytes, this.answered));
      if (event !== undefined) return { event: { ...event, objects: [version.key] }, version };
    }
    return undefined;
  }

  private async *newVersions(): AsyncGenerator<StoredVersion> {
    const { sentAt, answeredAt } = this.answered;
    // A request at the turn of an hour may lie in either.
    const hours = [partitionOf(sentAt), partitionOf(answeredAt)];
    for (const hour of hours[0]!.hour === hours[1]!.hour ? [hours[0]!] : hours) {
      for await (const version of this.trail.versions(hour)) {
        const name = `${version.versionId} ${version.key}`;
        if (version.isDeleteMarker || version.since < sentAt - CLOCKS_DIFFER_MS || this.seen.has(name)) continue;
        this.seen.add(name);
        yield version;
      }
    }
  }
}

/** What is looked at of an event. */
interface Row {
  readonly api?: { readonly request?: { readonly uid?: unknown } | null } | null;
  readonly metadata?: { readonly uid?: unknown } | null;
  readonly attestation_list?: readonly { readonly fingerprint?: { readonly value?: unknown } }[] | null;
  readonly http_request?: { readonly url?: { readonly path?: unknown } | null } | null;
  readonly unmapped?: { readonly phase?: unknown } | null;
}

/** A caller of a REST API can choose a request id, but does not know the path. */
async function outcomeIn(key: string, bytes: Buffer, { requestId, path }: Answered) {
  const row = (await rowsOf(key, bytes)).find(
    ({ api, http_request, unmapped }) =>
      api?.request?.uid === requestId &&
      String(http_request?.url?.path).endsWith(path) &&
      unmapped?.phase === 'outcome',
  );
  const uid = row?.metadata?.uid;
  const fingerprint = row?.attestation_list?.[0]?.fingerprint?.value;
  return typeof uid === 'string' && typeof fingerprint === 'string' ? { uid, fingerprint } : undefined;
}

/** None of an object that cannot be read: `verify` tells of it. */
async function rowsOf(key: string, bytes: Buffer): Promise<readonly Row[]> {
  try {
    if (eventFormatOf(key) !== 'parquet') return eventLines(bytes).map((line) => JSON.parse(line) as Row);
    const columns = ['api', 'http_request', 'metadata', 'attestation_list', 'unmapped'];
    return (await parquetReadObjects({ file: parquetFile(bytes), columns })) as readonly Row[];
  } catch {
    return [];
  }
}

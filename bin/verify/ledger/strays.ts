import { noted, type Finding } from '../finding';
import type { ListedVersion, Listing } from '../objects/listing';
import type { Report } from '../report';
import type { Retention } from './retention';

export interface Strays {
  /** Versions that are too young to be sealed. */
  readonly young: number;
  /** Versions without a leaf that can be read, though there may be one. */
  readonly inDoubt: number;
}

/**
 * Looks for what is there and should not be: versions that the ledger does not have, versions over sealed ones, and
 * delete markers. Call it after all leaves were walked.
 *
 * @param sealedBy what is there since before this time must be sealed, epoch milliseconds
 * @param unknown how many leaves cannot be read: so many versions without a leaf may be theirs, and that damage is the finding
 */
export function checkStrays(
  { versions, deleteMarkers }: Listing,
  sealedBy: number,
  retention: Retention,
  report: Report,
  unknown: number,
): Strays {
  let young = 0;
  const unsealed: Finding[] = [];
  const byKey = new Map<string, ListedVersion>();
  for (const version of versions.values()) {
    const other = byKey.get(version.key);
    byKey.set(version.key, other === undefined || other.since < version.since ? version : other);
    if (other !== undefined && !isSame(other, version)) {
      const [older, newer] = other.since < version.since ? [other, version] : [version, other];
      const detail = `version ${newer.versionId} lies over version ${older.versionId}`;
      report.find(noted('OBJECT_REPLACED', detail, version.key));
    }
    if (version.sealedAs !== undefined || version.wasThere) continue;
    if (version.since > sealedBy) young += 1;
    else {
      const detail = `version ${version.versionId}, there since ${new Date(version.since).toISOString()}`;
      unsealed.push(noted('UNSEALED_OBJECT', detail, version.key));
    }
  }
  for (const { key, versionId, since } of deleteMarkers) {
    // A lifecycle rule disposes of an object by a delete marker first.
    if (retention.wasOverAt(since, key)) continue;
    const detail = `delete marker ${versionId}, there since ${new Date(since).toISOString()}`;
    report.find(noted('OBJECT_HIDDEN', detail, key));
  }
  if (unsealed.length > unknown) report.find(...unsealed);
  return { young, inDoubt: unsealed.length > unknown ? 0 : unsealed.length };
}

/** Firehose may deliver an object twice, as two versions of the same bytes. */
function isSame(a: ListedVersion, b: ListedVersion): boolean {
  return a.size === b.size && (a.sealedAs === undefined || b.sealedAs === undefined || a.sealedAs === b.sealedAs);
}

import type { DaysListed, ObjectVersion, StoredVersion, TrailStore } from '../trail/trail-store';

/** A version that is there, and what the walk over the ledger finds of it. */
export interface ListedVersion extends StoredVersion {
  /** SHA-256 by its leaf; undefined while no leaf was seen. */
  sealedAs: string | undefined;
  /** Whether it was there before an earlier run, which looked for its leaf: this one does not. */
  wasThere: boolean;
  /** Whether the events in it were taken in. */
  isTaken: boolean;
}

/** What is there, or as much as was listed, once. About 300 bytes of memory a version. */
export interface Listing {
  readonly versions: ReadonlyMap<string, ListedVersion>;
  readonly deleteMarkers: readonly StoredVersion[];
  /** What is there and is no object. */
  readonly irregular: readonly StoredVersion[];
}

/** A version as one text: ids of versions hold no line break. */
export function versionName({ key, versionId }: ObjectVersion): string {
  return `${versionId}\n${key}`;
}

/** @param days whose folders are listed. Default: all */
export async function listVersions(store: TrailStore, days?: DaysListed): Promise<Listing> {
  const versions = new Map<string, ListedVersion>();
  const deleteMarkers: StoredVersion[] = [];
  const irregular: StoredVersion[] = [];
  for await (const version of store.versions(days)) {
    if (version.irregular !== undefined) irregular.push(version);
    else if (version.isDeleteMarker) deleteMarkers.push(version);
    else versions.set(versionName(version), { ...version, sealedAs: undefined, wasThere: false, isTaken: false });
  }
  return { versions, deleteMarkers, irregular };
}

import type { ObjectVersion, StoredVersion, TrailStore } from '../trail/trail-store';

/** A version that is there, and what the walk over the ledger finds of it. */
export interface ListedVersion extends StoredVersion {
  /** SHA-256 by its leaf; undefined while no leaf was seen. */
  sealedAs: string | undefined;
  /** Whether the events in it were taken in. */
  isTaken: boolean;
}

/** What is there, listed once. About 300 bytes of memory a version. */
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

export async function listVersions(store: TrailStore): Promise<Listing> {
  const versions = new Map<string, ListedVersion>();
  const deleteMarkers: StoredVersion[] = [];
  const irregular: StoredVersion[] = [];
  for await (const version of store.versions()) {
    if (version.irregular !== undefined) irregular.push(version);
    else if (version.isDeleteMarker) deleteMarkers.push(version);
    else versions.set(versionName(version), { ...version, sealedAs: undefined, isTaken: false });
  }
  return { versions, deleteMarkers, irregular };
}

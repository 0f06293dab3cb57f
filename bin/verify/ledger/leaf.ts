import { LEDGER_PREFIX, statedPayloadHash } from '../../../lib/event/keys';
import { decodeLeaf, entriesPath, LedgerError, TILE_WIDTH, type ObjectLeaf } from '../../../lib/ledger';
import type { Window } from '../events/window';
import { noted } from '../finding';
import { versionName, type ListedVersion, type Listing } from '../objects/listing';
import type { Report } from '../report';
import { ledgerFinding } from './checkpoint';

/** Reads the entry of a leaf. @returns undefined if it cannot be read, which is a finding */
export function readLeaf(entry: Buffer, index: number, report: Report): ObjectLeaf | undefined {
  try {
    return decodeLeaf(entry);
  } catch (error) {
    // A later version of the format is no finding: this program is too old, and says so.
    if (error instanceof LedgerError && error.code === 'LEAF_VERSION_UNKNOWN') throw error;
    const finding = ledgerFinding(error, LEDGER_PREFIX + entriesPath(Math.floor(index / TILE_WIDTH)));
    report.find({ ...finding, detail: `leaf ${index}: ${finding.detail}` });
    return undefined;
  }
}

/** The key that an entry names; undefined if it cannot be read. */
export function keyOfEntry(entry: Buffer): string | undefined {
  try {
    return decodeLeaf(entry).key;
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

/**
 * Compares a leaf with what a listing tells of its object, and notes in the listing that it is sealed.
 *
 * @returns the version; `missing` if it is not there, undefined if its bytes cannot be what was sealed
 */
export function compareWithListing(
  { listing, report }: { readonly listing: Listing; readonly report: Report },
  leaf: ObjectLeaf,
  index: number,
): ListedVersion | 'missing' | undefined {
  const there = listing.versions.get(versionName(leaf));
  if (there === undefined) return 'missing';
  if (there.sealedAs !== undefined) {
    report.find(
      noted('LEAF_REPEATED', `leaf ${index} is of version ${leaf.versionId}, which was sealed before`, leaf.key),
    );
  }
  there.sealedAs = leaf.sha256;
  if (there.size !== leaf.size) {
    report.find(noted('OBJECT_CHANGED', `sealed with ${leaf.size} bytes, now ${there.size}`, leaf.key));
    return undefined;
  }
  const stated = statedPayloadHash(leaf.key);
  if (stated !== undefined && stated !== leaf.sha256) {
    report.find(noted('OBJECT_CHANGED', `a payload by its key, sealed with SHA-256 ${leaf.sha256}`, leaf.key));
  }
  return there;
}

/** An object that is not there was disposed of after its retention, or it is a finding. */
export function missing(
  { window, report }: { readonly window: Window; readonly report: Report },
  leaf: ObjectLeaf,
  index: number,
  isExpired: boolean,
  totals: { expired: number },
): void {
  if (isExpired) {
    totals.expired += 1;
    window.dispose(leaf.key);
  } else report.find(noted('OBJECT_MISSING', `leaf ${index}, version ${leaf.versionId}`, leaf.key));
}

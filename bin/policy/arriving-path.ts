import { decodedPathAmbiguity, decodePath, encodeNonAscii, encodePath } from '../../lib/routing/path-encoding';
import { readPath, type PathReadings } from '../../lib/routing/path-readings';

/** A path as it arrives at the function. */
export interface ArrivingPath {
  /** Percent-encoded, as it would be forwarded. */
  readonly path: string;
  readonly readings: PathReadings;
}

/** An HTTP API decodes paths, and the function encodes them again; a REST API leaves them as they came. */
export function arrivingPath(sent: string, apiType: 'REST' | 'HTTP'): ArrivingPath {
  if (apiType === 'REST') {
    const path = encodeNonAscii(sent);
    return { path, readings: readPath(path) };
  }
  const decoded = decodePath(sent);
  const path = encodePath(decoded);
  const untellable = decodedPathAmbiguity(decoded);
  const readings = readPath(path);
  return { path, readings: untellable === undefined ? readings : { ...readings, ambiguity: untellable, complete: false } }; // prettier-ignore
}

import { decodePath, decodeSegments } from './path-encoding';

/** What services may take a path for. */
export interface PathReadings {
  /** Every reading, decoded; exactly one unless the path is ambiguous. */
  readonly readings: readonly string[];
  /** Why services may read the path in different ways; undefined where it has one reading. */
  readonly ambiguity: string | undefined;
  /** Whether `readings` holds every reading. False for a path that cannot be decoded: nobody can tell what services make of it. */
  readonly complete: boolean;
}

/** Nearly all paths: segments without encoding, parameters and dot segments. */
const PLAIN = /^(?=\/)(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,=:@-]+)*\/?$/;

/** More than any path has that was not made to have many. */
const MAX_READINGS = 64;

/** Reads a path as services do. @param path percent-encoded, as it is forwarded */
export function readPath(path: string): PathReadings {
  if (PLAIN.test(path)) return { readings: [path], ambiguity: undefined, complete: true };
  const unreadable = unsafePath(path) ?? undecodable(path);
  const ambiguity = unreadable ?? severalReadings(path);
  if (ambiguity === undefined) return { readings: [decodePath(path)], ambiguity, complete: true };
  const readings = readingsOf(path);
  const complete = unreadable === undefined && !hasTooMany(readings) && readings.every(isText);
  return { readings, ambiguity, complete };
}

/** Whether there are so many readings that not all were made. */
export function hasTooMany(readings: readonly string[]): boolean {
  return readings.length > MAX_READINGS;
}

/**
 * Why a path (percent-encoded) must not be forwarded, whatever the API and the policy: a service might normalize it into
 * another route than the one that was matched here.
 */
export function unsafePath(path: string): string | undefined {
  if (!path.startsWith('/')) return 'the path must begin with "/"';
  if (path.startsWith('//')) return 'the path must not begin with "//"';
  if (/[\x00-\x20\x7f\\#?]/.test(path)) return 'the path holds characters that must be percent-encoded';
  const dotSegment = path.split(/\/|%2f|\\|%5c/i).some((segment) => /^(?:\.|%2e){1,2}(?:(?:;|%3b).*)?$/i.test(segment));
  return dotSegment ? 'the path holds "." or ".." segments' : undefined;
}

function undecodable(path: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return 'the path holds a "%" that is not followed by two hex digits';
  const decoded = decodePath(path);
  if (decoded.includes('\ufffd')) return 'the path holds bytes that are not UTF-8';
  if (!isText(decoded)) return 'the path holds control characters';
  return /%u[0-9a-f]{4}/i.test(decoded) ? 'the path holds "%u" escapes' : undefined;
}

function severalReadings(path: string): string | undefined {
  if (/%2f/i.test(path)) return 'the path holds an encoded slash (%2F)';
  const decoded = decodePath(path);
  if (decoded.includes('\\')) return 'the path holds a backslash (%5C)';
  if (decoded.includes(';')) return 'the path holds ";"';
  if (/%[0-9A-Fa-f]{2}/.test(decoded)) return 'the path is percent-encoded twice';
  return decoded.includes('//') ? 'the path holds "//"' : undefined;
}

function isText(decoded: string): boolean {
  return !/[\x00-\x1f\x7f\ufffd]/.test(decoded);
}

/** What services do to a path, in whatever order and as often as they like. */
const STEPS: readonly ((path: string) => string)[] = [
  decodePath,
  decodeSegments,
  (path) => path.replace(/;[^/]*/g, ''),
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replace(/\/{2,}/g, '/'),
  withoutDotSegments,
];

/** All that the steps make of a path, themselves included. */
function readingsOf(path: string): string[] {
  const readings = new Set([decodeOrdinary(path)]);
  // A set goes on to what is added to it on the way.
  for (const reading of readings) {
    for (const step of STEPS) readings.add(step(reading));
    if (readings.size > MAX_READINGS) break;
  }
  return [...readings];
}

/** What every service decodes alike is decoded; what may change the structure stays: slash, backslash, semicolon, percent. */
function decodeOrdinary(path: string): string {
  return path
    .split(/(%(?:2f|5c|3b|25))/i)
    .map((part, index) => (index % 2 === 1 ? part.toUpperCase() : decodePath(part)))
    .join('');
}

/** RFC 3986 section 5.2.4, without going above the root. */
function withoutDotSegments(path: string): string {
  if (!/(?:^|\/)\.{1,2}(?:\/|$)/.test(path)) return path;
  const segments: string[] = [];
  const all = path.split('/').slice(1);
  all.forEach((segment, index) => {
    if (segment === '..') segments.pop();
    if (segment !== '.' && segment !== '..') segments.push(segment);
    else if (index === all.length - 1) segments.push('');
  });
  return `/${segments.join('/')}`;
}

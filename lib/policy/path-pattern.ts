import { decodeUnreserved } from '../routing/route-table';

/** `/`, or segments of what RFC 3986 allows in them; `*` and `**` as whole segments, `**` as the last one only. */
const SEGMENT = String.raw`(?:\*|(?:[A-Za-z0-9._~!$&'()+,;=:@-]|%[0-9A-Fa-f]{2})+)`;
const PATTERN = new RegExp(`^/(?:${SEGMENT}(?:/${SEGMENT})*(?:/\\*\\*)?|\\*\\*)?$`);

export function isPathPattern(text: string): boolean {
  return PATTERN.test(text);
}

/**
 * Makes a test of a pattern. A slash at the end of the path does not count.
 *
 * @param wide for rules that refuse: a service may take `/ADMIN`, `/admin;x=1`, `/%61dmin` and `//admin` for `/admin`, so
 * that all of these are refused with it. A rule that lets in takes what stands there, nothing else.
 */
export function pathTest(pattern: string, wide: boolean): (path: string) => boolean {
  const read = wide ? folded : decodeUnreserved;
  const segments = pattern
    .slice(1)
    .split('/')
    .map((segment) => segmentSource(segment, read));
  const expression = new RegExp(`^${segments.join('')}/?$`, 's');
  return (path) => expression.test(read(path));
}

function segmentSource(segment: string, read: (text: string) => string): string {
  if (segment === '**') return '(?:/.*)?';
  if (segment === '*') return '/[^/]+';
  return segment === '' ? '' : `/${read(segment).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
}

function folded(path: string): string {
  return decoded(path)
    .split('/')
    .map((segment) => segment.replace(/;.*/s, ''))
    .join('/')
    .replace(/\/{2,}/g, '/')
    .toLowerCase();
}

/** Of what is no UTF-8 nobody can say how it is read: it stays as it is. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return decodeUnreserved(path);
  }
}

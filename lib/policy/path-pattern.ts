import { decodeSegments } from '../routing/path-encoding';

/** `/`, or segments of what RFC 3986 allows in them; `*` and `**` as whole segments, `**` as the last one only. */
const SEGMENT = String.raw`(?:\*|(?:[A-Za-z0-9._~!$&'()+,;=:@-]|%[0-9A-Fa-f]{2})+)`;
const PATTERN = new RegExp(`^/(?:${SEGMENT}(?:/${SEGMENT})*(?:/\\*\\*)?|\\*\\*)?$`);

export function isPathPattern(text: string): boolean {
  return PATTERN.test(text);
}

/**
 * Makes a test of decoded paths. A slash at the end of the path does not count.
 *
 * @param fold what was done to the paths as well, to ignore case
 */
export function pathTest(pattern: string, fold: (text: string) => string): (path: string) => boolean {
  const segments = pattern
    .slice(1)
    .split('/')
    .map((segment) => segmentSource(segment, fold));
  const expression = new RegExp(`^${segments.join('')}/?$`, 's');
  return (path) => expression.test(path);
}

function segmentSource(segment: string, fold: (text: string) => string): string {
  if (segment === '**') return '(?:/.*)?';
  if (segment === '*') return '/[^/]+';
  return segment === '' ? '' : `/${fold(decodeSegments(segment)).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
}

/**
 * How three kinds of services find out which path was asked for, each written from its own documentation and by none of the
 * proxy's code: the decoded segments that the service's code sees.
 */
export interface ServiceModel {
  readonly name: string;
  /** Undefined where the service refuses the path. */
  readonly segments: (path: string) => readonly string[] | undefined;
}

/** Strips `;parameters` of each segment, decodes, takes backslashes for slashes, normalizes. */
const tomcat: ServiceModel = {
  name: 'Tomcat',
  segments: (path) => {
    const stripped = path
      .split('/')
      .map((segment) => segment.split(';')[0])
      .join('/');
    const out: string[] = [];
    for (const segment of unquote(stripped).split(/[/\\]/)) {
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        if (out.pop() === undefined) return undefined;
      } else out.push(segment);
    }
    return out;
  },
};

/** `PATH_INFO` is decoded once, and matched as a whole. */
const wsgi: ServiceModel = { name: 'WSGI', segments: (path) => segmentsOf(unquote(path)) };

/** Splits the path as it came, then decodes each segment. */
const express: ServiceModel = { name: 'Express', segments: (path) => segmentsOf(path).map(unquote) };

/** A proxy in front that decodes, and a service behind it that does so again. */
const twice: ServiceModel = {
  name: 'two decoders',
  segments: (path) => tomcat.segments(unquote(path).replace(/\/+/g, '/')),
};

export const MODELS: readonly ServiceModel[] = [tomcat, wsgi, express, twice];

/** As Python's `urllib.parse.unquote`: bytes that are not UTF-8 become U+FFFD. */
function unquote(text: string): string {
  const bytes: number[] = [];
  const source = Buffer.from(text);
  for (let at = 0; at < source.length; at += 1) {
    const hex = source.toString('latin1', at + 1, at + 3);
    const isEncoded = source[at] === 0x25 && /^[0-9a-f]{2}$/i.test(hex);
    bytes.push(isEncoded ? parseInt(hex, 16) : source[at]!);
    if (isEncoded) at += 2;
  }
  return Buffer.from(bytes).toString('utf8');
}

/** A slash at the end does not count, as policies have it. */
function segmentsOf(path: string): string[] {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

/** Whether a pattern names what a service serves, segment by segment. */
export function names(pattern: string, segments: readonly string[], ignoresCase: boolean): boolean {
  const same = (a: string, b: string) => a === b || (ignoresCase && a.toLowerCase() === b.toLowerCase());
  const wanted = segmentsOf(pattern).map(unquote);
  const open = wanted.at(-1) === '**';
  if (open) wanted.pop();
  if (open ? segments.length < wanted.length : segments.length !== wanted.length) return false;
  return wanted.every((part, index) => (part === '*' ? segments[index] !== '' : same(part, segments[index]!)));
}

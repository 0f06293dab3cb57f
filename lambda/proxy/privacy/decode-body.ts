import { isUtf8 } from 'node:buffer';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { NotCaptured } from '../../../lib/event/schema';
import { MAX_CAPTURE_BYTES } from '../../../lib/routing/record';

/** Also what a few bytes may decompress to. */
const MAX_DECODED_BYTES = MAX_CAPTURE_BYTES;

/** Loaded when the first compressed body is captured. */
const zlib = () => process.getBuiltinModule('node:zlib');

/** Content codings (RFC 9110 section 8.4.1) that Node undoes. */
const DECODERS = {
  identity: (body: Buffer) => body,
  gzip: (body: Buffer) => zlib().gunzipSync(body, { maxOutputLength: MAX_DECODED_BYTES }),
  'x-gzip': (body: Buffer) => zlib().gunzipSync(body, { maxOutputLength: MAX_DECODED_BYTES }),
  deflate: (body: Buffer) => zlib().inflateSync(body, { maxOutputLength: MAX_DECODED_BYTES }),
  br: (body: Buffer) => zlib().brotliDecompressSync(body, { maxOutputLength: MAX_DECODED_BYTES }),
} as const;

/** Names of encodings in which ASCII is ASCII: if their bytes are UTF-8, the text is what UTF-8 says it is, or harmless. */
const CHARSETS = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii', 'iso-8859-1', 'windows-1252']);

export type DecodedBody = { readonly text: string } | { readonly problem: NotCaptured };

/** A body as text, decompressed. @param body undefined if it was too large to be kept */
export function decodeBody(body: Buffer | undefined, headers: readonly HeaderPair[]): DecodedBody {
  const coding = valuesOf(headers, 'content-encoding').join(',').trim().toLowerCase() || 'identity';
  if (!Object.hasOwn(DECODERS, coding)) return { problem: 'compressed' };
  if (body === undefined) return { problem: 'too_large' };
  let plain: Buffer;
  try {
    plain = DECODERS[coding as keyof typeof DECODERS](body);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'not_parseable' };
  }
  if (plain.length > MAX_DECODED_BYTES) return { problem: 'too_large' };
  const isText = isUtf8(plain) && !plain.includes(0) && CHARSETS.has(charsetOf(headers));
  return isText ? { text: plain.toString() } : { problem: 'not_text' };
}

/** Media type in lower case, without parameters; undefined if it is not told, or not for sure. */
export function mediaTypeOf(headers: readonly HeaderPair[]): string | undefined {
  const [value, ...others] = valuesOf(headers, 'content-type');
  if (value === undefined || others.length > 0 || value.includes(',')) return undefined;
  return value.split(';', 1)[0]?.trim().toLowerCase();
}

/** Empty if it is told more than once, or in a way that services may read in another way than we (`charset*=`). */
function charsetOf(headers: readonly HeaderPair[]): string {
  const value = valuesOf(headers, 'content-type')[0] ?? '';
  if (!/charset/i.test(value)) return 'utf-8';
  const [told, ...others] = value.split(';').filter((parameter) => /charset/i.test(parameter));
  if (told === undefined || others.length > 0) return '';
  return (/^\s*charset\s*=\s*(?:"([\w-]+)"|([\w-]+))\s*$/i.exec(told)?.slice(1).join('') ?? '').toLowerCase();
}

function valuesOf(headers: readonly HeaderPair[], name: string): string[] {
  return headers.filter(([header]) => header.toLowerCase() === name).map(([, value]) => value);
}

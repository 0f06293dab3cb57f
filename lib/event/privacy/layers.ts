import { isUtf8 } from 'node:buffer';

/** The codings in which a text may stand within another one. */

/** Codings upon codings that are looked through. Nobody needs more; who uses more hides something. */
export const MAX_LAYERS = 6;

const PERCENT = /(?:%[0-9a-f]{2})+/gi;
/** `%u0061`, which some servers still read. */
const PERCENT_U = /%u([0-9a-f]{4})/gi;
/** Escapes of JSON and of programming languages, however often they were escaped themselves. */
const ESCAPE = /(?<!\\)\\+(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2})|([^\\]|$))/gi;
/** Numbered characters of XML and HTML, and the named ones that separate. */
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|quot|apos|lt|gt|equals|colon|commat));?/gi;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&', quot: '"', apos: "'", lt: '<', gt: '>', equals: '=', colon: ':', commat: '@',
}; // prettier-ignore
/** Base64 in either alphabet, of 6 bytes and more. */
const BASE64 = /[A-Za-z0-9+/_-]{8,}/g;

const NO_TEXT = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** The texts that stand within a text, each by one coding undone; none where nothing is encoded. */
export function layersOf(text: string): string[] {
  const decoded = unescaped(formDecoded(text));
  return decoded === text ? base64Texts(text) : [decoded, ...base64Texts(text)];
}

/** A name or value of a query or form, as the service reads it (https://url.spec.whatwg.org/#urlencoded-parsing). */
export function formDecoded(text: string): string {
  return percentDecoded(text.replaceAll('+', ' '));
}

/** However often it was encoded: who wants to get around a rule would only have to encode once more. */
export function fullyDecoded(text: string): string {
  let plain = text;
  for (let i = 0; i < MAX_LAYERS; i += 1) {
    const decoded = percentDecoded(plain);
    if (decoded === plain) break;
    plain = decoded;
  }
  return plain;
}

/**
 * What is no percent-encoding stays, and bytes that are no UTF-8 become U+FFFD: one such byte must not keep the rest from
 * being read.
 */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  return text
    .replace(PERCENT, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
    .replace(PERCENT_U, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function unescaped(text: string): string {
  let plain = text;
  if (plain.includes('\\')) {
    plain = plain.replace(ESCAPE, (whole, u?: string, braced?: string, x?: string, other?: string) => {
      const hex = u ?? braced ?? x;
      if (hex !== undefined) return characterOf(parseInt(hex, 16)) ?? whole;
      return /^[nrtbf]$/.test(other!) ? ' ' : other!;
    });
  }
  if (!plain.includes('&')) return plain;
  return plain.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    return characterOf(parseInt(decimal ?? hex!, decimal === undefined ? 16 : 10)) ?? whole;
  });
}

function characterOf(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** What runs of base64 say, where that is text. A slash may belong to a path around it. */
function base64Texts(text: string): string[] {
  const texts: string[] = [];
  for (const [run] of text.matchAll(BASE64)) {
    const candidates = run.includes('/') ? [run, ...run.split('/').filter((part) => part.length >= 8)] : [run];
    for (const candidate of candidates) {
      const bytes = Buffer.from(candidate, 'base64');
      if (!isUtf8(bytes)) continue;
      const inner = bytes.toString();
      if (!NO_TEXT.test(inner)) texts.push(inner);
    }
  }
  return texts;
}

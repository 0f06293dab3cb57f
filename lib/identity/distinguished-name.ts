/** One attribute of a relative distinguished name. */
export interface NameAttribute {
  /** In upper case without `OID.`: `CN`, `O`, `2.5.4.3`. */
  readonly type: string;
  readonly value: string;
}

/** An attribute type: a short name, or an OID, which older writers put `OID.` before. */
const TYPE = / *(?:OID\.)?([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+) *= */iy;
/** A value in quotes, as RFC 1779 and RFC 2253 allow. */
const QUOTED = /"((?:[^"\\]|\\(?:[0-9A-Fa-f]{2}|[^0-9A-Fa-f]))*)" */y;
/** The BER of a value in hex. */
const HEX = /#((?:[0-9A-Fa-f]{2})+) */y;
/** Characters that stand for themselves, and escaped ones; spaces only within. */
const PLAIN =
  /(?:[^\\"+,;<>\0 #]|\\(?:[0-9A-Fa-f]{2}|[ "#+,;<=>\\]))(?:[^\\"+,;<>\0]|\\(?:[0-9A-Fa-f]{2}|[ "#+,;<=>\\]))*|/y;

/**
 * Reads a distinguished name (RFC 4514, with the quotes, semicolons and spaces of RFC 2253), in the order in which it is written.
 *
 * @returns one list of attributes for each relative distinguished name; undefined if it is none
 */
export function readDistinguishedName(text: string): NameAttribute[][] | undefined {
  const names: NameAttribute[][] = [[]];
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    const type = next(TYPE)?.[1]?.toUpperCase();
    const value = type === undefined ? undefined : readValue(next);
    if (type === undefined || value === undefined) return undefined;
    names.at(-1)!.push({ type, value });
    if (at === text.length) return names;
    const separator = text[at];
    at += 1;
    if (separator === ',' || separator === ';') names.push([]);
    else if (separator !== '+') return undefined;
  }
}

function readValue(next: (pattern: RegExp) => RegExpExecArray | null): string | undefined {
  const quoted = next(QUOTED)?.[1];
  if (quoted !== undefined) return unescaped(quoted);
  const hex = next(HEX)?.[1];
  if (hex !== undefined) return textOfBer(Buffer.from(hex, 'hex'));
  const plain = next(PLAIN)?.[0];
  if (plain === undefined) return undefined;
  const characters = plain.match(/\\(?:[0-9A-Fa-f]{2}|[^])|[^]/gu) ?? [];
  // At the end only escaped spaces count.
  while (characters.at(-1) === ' ') characters.pop();
  return unescaped(characters.join(''));
}

/** Pairs of hex digits are the bytes of the value's UTF-8; undefined if they are none. */
function unescaped(text: string): string | undefined {
  const value = text.replace(/(?:\\[0-9A-Fa-f]{2})+|\\([^])/g, (run, character: string | undefined) => {
    return character ?? decodeURIComponentOrNul(run.replaceAll('\\', '%'));
  });
  return value.includes('\0') ? undefined : value;
}

function decodeURIComponentOrNul(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return '\0';
  }
}

/** UTF8String, PrintableString and IA5String, in the short form of lengths. */
const STRING_TAGS: ReadonlySet<number | undefined> = new Set([0x0c, 0x13, 0x16]);

function textOfBer(bytes: Buffer): string | undefined {
  const [tag, length] = bytes;
  if (!STRING_TAGS.has(tag) || length !== bytes.length - 2 || length > 0x7f) return undefined;
  const text = bytes.subarray(2).toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes.subarray(2)) && !text.includes('\0') ? text : undefined;
}

const COMMON_NAME: ReadonlySet<string> = new Set(['CN', 'COMMONNAME', '2.5.4.3']);

/**
 * What somebody with a certificate is called: the common name of the subject if it has exactly one, which needs no escapes;
 * otherwise the whole subject. Writers differ in the order of names, so that of several the right one cannot be told, and a name
 * that looks like a subject could pass for one.
 */
export function calledBySubject(subject: string): string {
  const common = (readDistinguishedName(subject) ?? []).flat().filter(({ type }) => COMMON_NAME.has(type));
  const [only] = common;
  const isPlain =
    common.length === 1 &&
    only !== undefined &&
    /^[^\s\\"+,;<>=#\p{C}](?:[^\\"+,;<>=\p{C}]*[^\s\\"+,;<>=\p{C}])?$/u.test(only.value);
  return isPlain ? only.value : subject;
}

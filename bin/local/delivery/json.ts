/**
 * A strict JSON reader (RFC 8259) that keeps what JSON.parse loses and conversion needs: the text of every number
 * (2^53+1 and 1.0 are not what a double makes of them), duplicate names, and several documents in one record.
 */
export type JsonValue = string | boolean | null | JsonNumber | JsonValue[] | JsonObject;
export type JsonObject = Map<string, JsonValue>;

/** A number as it was written. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** Deeper nesting is refused, as Firehose's own parser (Jackson, StreamReadConstraints) does. */
const MAX_DEPTH = 1000;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the documents of a record, with or without white space between them: `{"a":1}{"a":2}`.
 *
 * @returns the documents; none for a record that is empty or holds white space only.
 * @throws JsonSyntaxError on anything else, also on invalid UTF-8, lone surrogates and duplicate names: what another
 * reader would repair or choose from silently must not become evidence.
 */
export function parseDocuments(bytes: Uint8Array): JsonValue[] {
  return new Reader(decode(bytes)).documents();
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new JsonSyntaxError('Invalid UTF-8');
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERALS = { t: ['true', true], f: ['false', false], n: ['null', null] } as const;

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  documents(): JsonValue[] {
    const documents: JsonValue[] = [];
    for (this.skipSpace(); this.at < this.text.length; this.skipSpace()) documents.push(this.value());
    return documents;
  }

  private value(): JsonValue {
    switch (this.text[this.at]) {
      case '{':
        return this.nested(() => this.object());
      case '[':
        return this.nested(() => this.array());
      case '"':
        return this.string();
      case 't':
      case 'f':
      case 'n':
        return this.literal(this.text[this.at] as keyof typeof LITERALS);
      default:
        return this.number();
    }
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw this.wrong(`nesting deeper than ${MAX_DEPTH}`);
    const value = read();
    this.depth -= 1;
    return value;
  }

  private object(): JsonObject {
    const object: JsonObject = new Map();
    this.at += 1;
    this.skipSpace();
    if (this.taken('}')) return object;
    for (;;) {
      this.skipSpace();
      if (this.text[this.at] !== '"') throw this.wrong();
      const name = this.string();
      if (object.has(name)) throw this.wrong(`duplicate name "${name}"`);
      this.skipSpace();
      if (!this.taken(':')) throw this.wrong();
      this.skipSpace();
      object.set(name, this.value());
      this.skipSpace();
      if (this.taken('}')) return object;
      if (!this.taken(',')) throw this.wrong();
    }
  }

  private array(): JsonValue[] {
    const array: JsonValue[] = [];
    this.at += 1;
    this.skipSpace();
    if (this.taken(']')) return array;
    for (;;) {
      this.skipSpace();
      array.push(this.value());
      this.skipSpace();
      if (this.taken(']')) return array;
      if (!this.taken(',')) throw this.wrong();
    }
  }

  private string(): string {
    const start = this.at;
    let escaped = false;
    let end = start + 1;
    for (; ; end += 1) {
      const code = this.text.charCodeAt(end);
      if (code === 0x22) break;
      if (code === 0x5c) {
        escaped = true;
        end += 1;
      } else if (!(code >= 0x20)) {
        // A control character, or NaN: the end of the text.
        this.at = end;
        throw this.wrong();
      }
    }
    this.at = end + 1;
    return escaped ? this.unescape(this.text.slice(start, end + 1)) : this.text.slice(start + 1, end);
  }

  private unescape(quoted: string): string {
    let text: string;
    try {
      text = JSON.parse(quoted) as string;
    } catch {
      throw this.wrong('bad escape');
    }
    // `\ud800` alone makes no UTF-8; it would be stored as U+FFFD.
    if (!text.isWellFormed()) throw this.wrong('lone surrogate');
    return text;
  }

  private number(): JsonNumber {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) throw this.wrong();
    this.at = NUMBER.lastIndex;
    return new JsonNumber(match[0]);
  }

  private literal(first: keyof typeof LITERALS): boolean | null {
    const [word, value] = LITERALS[first];
    if (!this.text.startsWith(word, this.at)) throw this.wrong();
    this.at += word.length;
    return value;
  }

  private taken(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private wrong(what?: string): JsonSyntaxError {
    const found = this.at < this.text.length ? `'${this.text[this.at]}'` : 'end of record';
    return new JsonSyntaxError(`${what ?? `Unexpected ${found}`} at character ${this.at}`);
  }
}

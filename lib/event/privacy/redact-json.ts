import { below, treatmentHere, type BodyRules, type PointerRule } from './body-rules';
import { hidden } from './field-rules';
import { hidesSecret, isSecretName, looksSecret, REDACTED } from './secrets';

/** Deeper nesting than any service sends; a body must not be able to exhaust the stack. */
const MAX_DEPTH = 200;

/**
 * Redacts a JSON text, and takes the white space between its tokens out. It works on the text itself: what `JSON.parse`
 * makes of it would lose digits of large numbers, and all but one of members with the same name, which a service may read
 * in another way than we.
 *
 * Beside what the rules name, members are redacted whose name says that they are secret, and strings that look like one.
 *
 * @throws SyntaxError if it is no JSON (RFC 8259), or nested deeper than 200 levels
 */
export function redactJson(text: string, rules: BodyRules): string {
  JSON.parse(text); // So that what follows can trust its form.
  return new JsonRedactor(text, rules).run();
}

interface MemberName {
  readonly name: string;
  /** As it is written out. */
  readonly raw: string;
  readonly isSecret: boolean;
}

class JsonRedactor {
  private at = 0;
  private readonly parts: string[] = [];
  /** By the text of the name: a list of objects has the same ones again and again. */
  private readonly names = new Map<string, MemberName>();

  constructor(
    private readonly text: string,
    private readonly rules: BodyRules,
  ) {}

  run(): string {
    this.value(this.rules.pointers, false, 0);
    return this.parts.join('');
  }

  private value(rules: readonly PointerRule[], isSecret: boolean, depth: number): void {
    if (depth > MAX_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_DEPTH} levels`);
    this.skipSpace();
    const treatment = treatmentHere(rules) ?? (isSecret ? 'redact' : undefined);
    const opening = this.text[this.at];
    const isContainer = opening === '{' || opening === '[';
    if (isContainer && treatment === undefined) return this.members(opening, rules, depth);
    const start = this.at;
    this.skipValue();
    const raw = this.text.slice(start, this.at);
    if (treatment === undefined || raw === 'null') this.parts.push(scalar(raw));
    // The same object may be written in many ways, so that it has no pseudonym.
    else this.parts.push(JSON.stringify(hidden(this.rules, isContainer ? 'redact' : treatment, plain(raw))));
  }

  private members(opening: string, rules: readonly PointerRule[], depth: number): void {
    const closing = opening === '{' ? '}' : ']';
    this.take();
    for (let index = 0; ; index += 1) {
      this.skipSpace();
      if (this.text[this.at] === closing) break;
      if (this.text[this.at] === ',') this.take();
      if (opening === '[') this.value(below(rules, String(index)), false, depth + 1);
      else {
        const { name, raw, isSecret } = this.memberName();
        this.parts.push(raw);
        this.skipSpace();
        this.take(); // the colon
        this.value(below(rules, name), isSecret, depth + 1);
      }
    }
    this.take();
  }

  private memberName(): MemberName {
    this.skipSpace();
    const start = this.at;
    this.skipString();
    const raw = this.text.slice(start, this.at);
    let known = this.names.get(raw);
    if (known === undefined) {
      const name = JSON.parse(raw) as string;
      known = { name, raw: looksSecret(name) ? `"${REDACTED}"` : raw, isSecret: isSecretName(name) };
      this.names.set(raw, known);
    }
    return known;
  }

  /** Takes one character over. */
  private take(): void {
    this.parts.push(this.text.charAt(this.at));
    this.at += 1;
  }

  private skipSpace(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? '.')) this.at += 1;
  }

  private skipValue(): void {
    let open = 0;
    do {
      const character = this.text[this.at];
      if (character === '"') this.skipString();
      else if (character === '{' || character === '[') [open, this.at] = [open + 1, this.at + 1];
      else if (character === '}' || character === ']') [open, this.at] = [open - 1, this.at + 1];
      else if (open > 0) this.at += 1;
      else while (!ENDS_TOKEN.has(this.text[this.at] ?? '')) this.at += 1;
    } while (open > 0);
  }

  private skipString(): void {
    let end = this.at;
    do end = this.text.indexOf('"', end + 1);
    while (isEscaped(this.text, end));
    this.at = end + 1;
  }
}

const ENDS_TOKEN = new Set(['', ',', ']', '}', ' ', '\t', '\n', '\r']);

/** Whether an odd number of backslashes is before this place. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
}

/** A string without its quotes and escapes; anything else as it stands there. */
function plain(raw: string): string {
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw;
}

/** A card number may stand there as a number. */
function scalar(raw: string): string {
  return hidesSecret(plain(raw)) ? `"${REDACTED}"` : raw;
}

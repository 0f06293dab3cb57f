import { below, treatmentHere, type BodyRules, type PointerRule } from './body-rules';
import { hidden } from './field-rules';
import { hidesSecret } from './hidden-secrets';
import { isPairName, isPairValue, namesSecret } from './pairs';
import { onlyBelow, type Pointer } from './pointer';
import { isSecretName } from './secret-names';
import { REDACTED } from './secrets';

/** Deeper nesting than any service sends; a body must not be able to exhaust the stack. */
const MAX_DEPTH = 200;

/**
 * Redacts a JSON text, and takes the white space between its tokens out. It works on the text itself: what `JSON.parse`
 * makes of it would lose digits of large numbers, and all but one of members with the same name, which a service may read
 * in another way than we.
 *
 * Beside what the rules name, members are redacted whose name says that they are secret, what is listed beside such a name
 * (`{"name":"password","value":"…"}`, `["password","…"]`), and strings that look like a secret or hold one.
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

/** What holds for a value because of where it stands. */
interface Place {
  readonly rules: readonly PointerRule[];
  /** What is to be kept below; undefined where everything is. */
  readonly only: readonly Pointer[] | undefined;
  readonly isSecret: boolean;
  readonly depth: number;
}

/** A value as it was, and as it is written; undefined where it is left out. */
interface Redacted {
  readonly raw: string;
  readonly text: string | undefined;
}

class JsonRedactor {
  private at = 0;
  /** By the text of the name: a list of objects has the same ones again and again. */
  private readonly names = new Map<string, MemberName>();

  constructor(
    private readonly text: string,
    private readonly rules: BodyRules,
  ) {}

  run(): string {
    const { pointers, only } = this.rules;
    return this.value({ rules: pointers, only, isSecret: false, depth: 0 }).text ?? `"${REDACTED}"`;
  }

  private value(place: Place): Redacted {
    const { rules, only, isSecret, depth } = place;
    if (depth > MAX_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_DEPTH} levels`);
    this.skipSpace();
    const start = this.at;
    const opening = this.text[this.at];
    const isContainer = opening === '{' || opening === '[';
    const treatment = treatmentHere(rules) ?? (isSecret ? 'redact' : undefined);
    const isKept = only === undefined || only.some((pointer) => pointer.length === 0);
    if (isContainer && treatment === undefined && (isKept || only.length > 0)) {
      const inner = { ...place, only: isKept ? undefined : only };
      const text = opening === '{' ? this.object(inner) : this.array(inner);
      return { raw: '', text };
    }
    this.skipValue();
    const raw = this.text.slice(start, this.at);
    if (!isKept) return { raw, text: undefined };
    if (treatment === undefined || raw === 'null') return { raw, text: scalar(raw) };
    // The same object may be written in many ways, so that it has no pseudonym.
    return { raw, text: JSON.stringify(hidden(this.rules, isContainer ? 'redact' : treatment, plain(raw))) };
  }

  private object({ rules, only, depth }: Place): string {
    const members: { name: MemberName; text: string }[] = [];
    let namesPair = false;
    for (this.at += 1; this.hasNext('}');) {
      const name = this.memberName();
      this.skipSpace();
      this.at += 1; // the colon
      const place = { rules: below(rules, name.name), only: onlyBelow(only, name.name), isSecret: name.isSecret };
      const { raw, text } = this.value({ ...place, depth: depth + 1 });
      namesPair ||= raw.startsWith('"') && isPairName(name.name) && namesSecret(plain(raw));
      if (text !== undefined) members.push({ name, text });
    }
    let text = '';
    for (const { name, text: own } of members) {
      const isHidden = namesPair && isPairValue(name.name) && own !== 'null' && !isPairName(name.name);
      text += `${text === '' ? '' : ','}${name.raw}:${isHidden ? `"${REDACTED}"` : own}`;
    }
    return `{${text}}`;
  }

  /** What follows the name of a secret is taken for it: `["password","…"]`. */
  private array({ rules, only, depth }: Place): string {
    let elements = '';
    let isSecret = false;
    for (let [index, isFirst] = [0, true]; ; index += 1) {
      if (index === 0) this.at += 1;
      if (!this.hasNext(']')) break;
      const place = { rules: below(rules, String(index)), only: onlyBelow(only, String(index)), isSecret };
      const { raw, text } = this.value({ ...place, depth: depth + 1 });
      isSecret = raw.startsWith('"') && namesSecret(plain(raw));
      if (text === undefined) continue;
      elements += isFirst ? text : `,${text}`;
      isFirst = false;
    }
    return `[${elements}]`;
  }

  /** Whether another member or element comes; goes to it, or behind the end. */
  private hasNext(closing: string): boolean {
    this.skipSpace();
    if (this.text[this.at] === ',') this.at += 1;
    const isEnd = this.text[this.at] === closing;
    if (isEnd) this.at += 1;
    return !isEnd;
  }

  private memberName(): MemberName {
    this.skipSpace();
    const start = this.at;
    this.skipString();
    const raw = this.text.slice(start, this.at);
    let known = this.names.get(raw);
    if (known === undefined) {
      const name = JSON.parse(raw) as string;
      known = { name, raw: hidesSecret(name) ? `"${REDACTED}"` : raw, isSecret: isSecretName(name) };
      this.names.set(raw, known);
    }
    return known;
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

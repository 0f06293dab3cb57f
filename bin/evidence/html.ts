import { visible } from '../commands/output/table';

/** HTML that is safe as it stands. Made by `markup` only. */
export class Html {
  constructor(readonly source: string) {}
}

/** Characters of one value that a page shows: the evidence has all of it. */
const MOST = 2_000;

/** A template of HTML. Whatever is put into it is text, unless `markup` made it; lists are joined. */
export function markup(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  return new Html(parts.map((part, i) => (i === 0 ? '' : sourceOf(values[i - 1]!)) + part).join(''));
}

function sourceOf(value: string | number | Html | readonly Html[]): string {
  if (value instanceof Html) return value.source;
  if (typeof value === 'object') return value.map(({ source }) => source).join('\n');
  return escaped(String(value));
}

/** Control and bidi characters are shown as `\u202e`, so that a text cannot look like another one. */
function escaped(text: string): string {
  const cut =
    text.length > MOST ? `${text.slice(0, MOST)} … (${text.length - MOST} more characters in the evidence)` : text;
  return hidden(visible(cut)).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What takes no room, or cannot be encoded: format characters that `visible` leaves, and halves of pairs. */
function hidden(text: string): string {
  return text.replace(/\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

import { isPairName, isPairValue, namesSecret } from './pairs';
import { endsWithSecretPhrase } from './secret-names';

/** Longest name that is looked at, in characters before its separator: so time grows with the text, not with its square. */
const WINDOW = 128;
const LONGEST_PHRASE = 40;

/** What may stand between a name and its separator: `"password" : `, `**password**: `, `${password}=`. */
const STANDS_BEHIND = new Set(' \t\r\n\u00a0"\'`\\)}*');
const ENDS_NAME = /[^\p{L}\p{M}\p{N}_.$[\]-]/u;

/** A value after a separator, in quotes or not; and the beginning of it that may be a name. */
const VALUE_AFTER =
  /^[\s=>]*(?:\\*["'`]+(?=[^"'`\\]|\\[^"'`])|(?=[^\s&;,"'`\\}\])]|\\[^"'`]))([\p{L}\p{M}\p{N}_./[\]-]{0,64})/u;
/** A string that another value follows in a list. What follows is only looked at: it may be the next name. */
const LISTED = /["']([^"'\\]{1,64})(?=["']\s*,\s*["'[{\d])/g;
/** An XML element with a text in it. */
const ELEMENT = /<([\w.:-]{1,100})(?:\s[^<>]*)?>(?=\s*(?:<!\[CDATA\[|(?!\[redacted\]<)[^<\s]))/g;

/**
 * Whether a text names a secret and tells it: `token=…`, `"password": "…"`, `{"name":"password","value":"…"}`,
 * `["password","…"]`, `<password>…`.
 *
 * Each separator is judged by itself, by what stands before and after it. So no name can be hidden in another one's value, as
 * in `a=token=…`.
 */
export function tellsNamedSecret(text: string, isSecretName: (name: string) => boolean): boolean {
  let namesPair = false;
  let holdsPair = false;
  let from = 0;
  for (const { index } of text.matchAll(/[=:＝：]/g)) {
    const before = beforeSeparator(text, from, index);
    from = index + 1;
    if (before.name === '') continue;
    const value = VALUE_AFTER.exec(text.slice(from, from + WINDOW));
    if (value === null) continue;
    if (isSecretName(before.name) || endsWithSecretPhrase(before.words)) return true;
    namesPair ||= isPairName(before.name) && namesSecret(value[1] ?? '');
    holdsPair ||= isPairValue(before.name);
    if (namesPair && holdsPair) return true;
  }
  return matches(text, LISTED, isSecretName) || matches(text, ELEMENT, isSecretName);
}

function matches(text: string, pattern: RegExp, isSecretName: (name: string) => boolean): boolean {
  for (const [, name = ''] of text.matchAll(pattern)) if (isSecretName(name)) return true;
  return false;
}

/** The name before a separator, and the words that it ends; not over the separator before. */
function beforeSeparator(text: string, from: number, separator: number): { name: string; words: string } {
  const first = Math.max(from, separator - WINDOW);
  let end = separator;
  while (end > first && STANDS_BEHIND.has(text.charAt(end - 1))) end -= 1;
  let start = end;
  while (start > first && !ENDS_NAME.test(text.charAt(start - 1))) start -= 1;
  return { name: text.slice(start, end), words: text.slice(Math.max(first, end - LONGEST_PHRASE), end) };
}

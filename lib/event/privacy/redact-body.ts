import { below, treatmentHere, type BodyRules, type PointerRule } from './body-rules';
import { hidden } from './field-rules';
import { redactJson } from './redact-json';
import { formDecoded, redactQuery } from './redact-url';
import { isSecretName, redactText, REDACTED } from './secrets';

/** A body without what must not be written, or why it cannot be had. */
export type RedactedBody = { readonly text: string } | { readonly problem: 'not_parseable' | 'not_redactable' };

/**
 * Redacts a body. JSON and forms are redacted by what their parts are called; other text line by line, and only where no
 * pointer asks for a part of it. Of multipart bodies nothing is known for sure.
 *
 * @param mediaType in lower case, without parameters
 */
export function redactBody(text: string, mediaType: string, rules: BodyRules): RedactedBody {
  if (/^(?:application|text)\/json$|\+json$/.test(mediaType)) {
    try {
      return { text: redactJson(text, rules) };
    } catch (error) {
      if (error instanceof SyntaxError) return { problem: 'not_parseable' };
      throw error;
    }
  }
  if (mediaType === 'application/x-www-form-urlencoded') return { text: redactForm(text, rules) };
  if (rules.pointers.length > 0 || mediaType.startsWith('multipart/')) return { problem: 'not_redactable' };
  return { text: redactLines(text) };
}

/** A pointer names a field: `/email` takes `email=…`, `/customer/email` takes `customer[email]=…`. */
function redactForm(text: string, rules: BodyRules): string {
  return text
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=');
      if (equals === -1) return redactQuery(pair);
      const name = pair.slice(0, equals);
      const treatment = treatmentAt(rules.pointers, formDecoded(name));
      if (treatment === undefined) return redactQuery(pair);
      return `${name}=${hidden(rules, treatment, formDecoded(pair.slice(equals + 1)))}`;
    })
    .join('&');
}

function treatmentAt(rules: readonly PointerRule[], fieldName: string) {
  const [first = '', ...rest] = fieldName.split('[');
  const path = [first, ...rest.map((part) => part.replace(/\]$/, ''))];
  // Also what lies within a part that a pointer names: `/customer` takes `customer[email]`.
  let left = rules;
  for (const name of path) {
    left = below(left, name);
    const treatment = treatmentHere(left);
    if (treatment !== undefined) return treatment;
  }
  return undefined;
}

/** Keys and certificates go over many lines. */
const PEM = /-----BEGIN[^]*?(?:-----END[^\n]*|$)/g;
/** An XML element with a text in it. */
const ELEMENT = /<([\w.:-]{1,100})((?:\s[^<>]*)?)>([^<]+)/g;

function redactLines(text: string): string {
  return text
    .replace(PEM, REDACTED)
    .replace(ELEMENT, (whole, name: string, attributes: string) =>
      isSecretName(name) ? `<${name}${attributes}>${REDACTED}` : whole,
    )
    .split('\n')
    .map(redactText)
    .join('\n');
}

import type { BodyRules } from './body-rules';
import { redactText } from './hidden-secrets';
import { isParsedType } from './parsed-type';
import { redactForm } from './redact-form';
import { redactJson } from './redact-json';
import { isSecretName } from './secret-names';
import { REDACTED } from './secrets';

/** A body without what must not be written, or why it cannot be had. */
export type RedactedBody = { readonly text: string } | { readonly problem: 'not_parseable' | 'not_redactable' };

/**
 * Redacts a body. JSON and forms are redacted by what their parts are called; other text line by line, and only where no
 * pointer asks for a part of it. Of multipart bodies nothing is known for sure.
 *
 * @param mediaType in lower case, without parameters
 */
export function redactBody(text: string, mediaType: string, rules: BodyRules): RedactedBody {
  if (!isParsedType(mediaType)) {
    const asksForParts = rules.pointers.length > 0 || rules.only !== undefined;
    if (asksForParts || mediaType.startsWith('multipart/')) return { problem: 'not_redactable' };
    return { text: redactLines(text) };
  }
  try {
    return { text: mediaType.endsWith('json') ? redactJson(text, rules) : redactForm(text, rules) };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: 'not_parseable' };
    throw error;
  }
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

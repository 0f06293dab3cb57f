import { below, treatmentHere, type BodyRules, type PointerRule } from './body-rules';
import { hidden } from './field-rules';
import { hidesSecret } from './hidden-secrets';
import { formDecoded } from './layers';
import { isPairValue } from './pairs';
import { onlyBelow } from './pointer';
import { namesSecretPair, pairOf, type Pair } from './redact-query';
import { isSecretName } from './secret-names';
import { REDACTED } from './secrets';

/** What fields of forms are called. Something else, like JSON under a form's content type, is no form. */
const FIELD_NAME = /^[\p{L}\p{M}\p{N}_.:$@~ [\]-]{1,200}$/u;
/** Percent-encoding that is none, and bytes that are no UTF-8. */
const BROKEN = /%(?![0-9a-f]{2})/i;

/**
 * Redacts a form (`application/x-www-form-urlencoded`). A pointer names a field: `/email` takes `email=…`, `/customer/email`
 * takes `customer[email]=…`.
 *
 * @throws SyntaxError if it is no form
 */
export function redactForm(text: string, rules: BodyRules): string {
  const pairs = text.split('&').filter((pair) => pair !== '').map(formPair); // prettier-ignore
  const holdsPair = namesSecretPair(pairs);
  return pairs
    .filter(({ plainName }) => isKept(rules, plainName))
    .map(({ name, plainName, value }) => {
      // Its name may be the secret itself.
      if (value === undefined) return REDACTED;
      const safeName = hidesSecret(name) ? REDACTED : name;
      if (value === '') return `${safeName}=`;
      const treatment = treatmentAt(rules.pointers, plainName);
      if (treatment !== undefined) return `${safeName}=${hidden(rules, treatment, formDecoded(value))}`;
      const isSecret = isSecretName(plainName) || (holdsPair && isPairValue(plainName)) || hidesSecret(value);
      return `${safeName}=${isSecret ? REDACTED : value}`;
    })
    .join('&');
}

function formPair(text: string): Pair {
  const pair = pairOf(text);
  if (BROKEN.test(text) || formDecoded(text).includes('\ufffd')) throw new SyntaxError('no percent-encoded UTF-8');
  if (!FIELD_NAME.test(formDecoded(pair.name))) throw new SyntaxError('no name of a field');
  return pair;
}

/** `customer[email]` is `customer` and `email`. */
function partsOf(fieldName: string): string[] {
  const [first = '', ...rest] = fieldName.split('[');
  return [first, ...rest.map((part) => part.replace(/\]$/, ''))];
}

/** Also what lies within a part that a pointer names: `/customer` takes `customer[email]`. */
function treatmentAt(rules: readonly PointerRule[], fieldName: string) {
  let left = rules;
  for (const part of partsOf(fieldName)) {
    left = below(left, part);
    const treatment = treatmentHere(left);
    if (treatment !== undefined) return treatment;
  }
  return undefined;
}

function isKept({ only }: BodyRules, fieldName: string): boolean {
  let left = only;
  for (const part of partsOf(fieldName)) {
    left = onlyBelow(left, part);
    if (left?.some((pointer) => pointer.length === 0)) return true;
  }
  return only === undefined;
}

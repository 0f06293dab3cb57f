import { hidden, type FieldRules } from './field-rules';
import { hidesSecret } from './hidden-secrets';
import { formDecoded, fullyDecoded } from './layers';
import { isPairName, isPairValue, namesSecret } from './pairs';
import { isSecretName } from './secret-names';
import { REDACTED } from './secrets';

export interface Pair {
  readonly name: string;
  /** Percent-decoded. */
  readonly plainName: string;
  /** Undefined where there is no `=`. */
  readonly value: string | undefined;
}

/**
 * Redacts a percent-encoded query (without `?`): values whose name or shape looks like a secret, and what the route's rules
 * name, also within values.
 */
export function redactQuery(query: string, rules?: FieldRules): string {
  if (query === '') return query;
  const pairs = query.split('&').map(pairOf);
  const isPrivate = (name: string) => isSecretName(name) || (rules?.query.has(name.toLowerCase()) ?? false);
  const holdsPair = namesSecretPair(pairs);
  return pairs
    .map(({ name, plainName, value }) => {
      // A lone word has no name to go by: it may be a token itself, as in `/reset?dGhpcyBpcyBh…`.
      const safeName = hidesSecret(name, isPrivate) ? REDACTED : name;
      if (value === undefined || value === '') return value === undefined ? safeName : `${safeName}=`;
      const treatment = rules?.query.get(plainName.toLowerCase());
      if (rules !== undefined && treatment !== undefined) {
        return `${safeName}=${hidden(rules, treatment, formDecoded(value))}`;
      }
      const isSecret =
        isSecretName(plainName) || (holdsPair && isPairValue(plainName)) || hidesSecret(value, isPrivate);
      return `${safeName}=${isSecret ? REDACTED : value}`;
    })
    .join('&');
}

/** Whether one of them says that another one is a secret: `name=password&value=…`. */
export function namesSecretPair(pairs: readonly Pair[]): boolean {
  return pairs.some(({ plainName, value }) => value && isPairName(plainName) && namesSecret(formDecoded(value)));
}

export function pairOf(pair: string): Pair {
  const equals = pair.indexOf('=');
  const name = equals === -1 ? pair : pair.slice(0, equals);
  return {
    name,
    plainName: fullyDecoded(name.replaceAll('+', ' ')),
    value: equals === -1 ? undefined : pair.slice(equals + 1),
  };
}

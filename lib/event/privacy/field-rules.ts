import { REDACTED } from './secrets';

/** What becomes of a value that a route has a rule for. */
export type Treatment = 'redact' | 'pseudonymize';

/** What a route says of headers and query values, beside what holds on every route. */
export interface FieldRules {
  /** By header name in lower case. `record` takes a header into the log that is not among the usual ones. */
  readonly headers: ReadonlyMap<string, Treatment | 'record'>;
  /** By query name in lower case: who wants to get around a rule would only have to spell a name in another way. */
  readonly query: ReadonlyMap<string, Treatment>;
  /** The pseudonym of a value: the same for the same value. */
  pseudonym(value: string): string;
}

/** What stands in the place of a header's value; undefined where no rule hides it. @param name in lower case */
export function hiddenHeader(rules: FieldRules | undefined, name: string, value: string): string | undefined {
  const treatment = rules?.headers.get(name);
  if (rules === undefined || treatment === undefined || treatment === 'record') return undefined;
  return hidden(rules, treatment, value);
}

/** What stands in the place of a value. */
export function hidden(rules: Pick<FieldRules, 'pseudonym'>, treatment: Treatment, value: string): string {
  return treatment === 'pseudonymize' ? rules.pseudonym(value) : REDACTED;
}

import type { Treatment } from './field-rules';
import { takes, type Pointer } from './pointer';

/** What a route says of values in captured bodies, beside what holds on every route. */
export interface BodyRules {
  readonly pointers: readonly PointerRule[];
  /** The parts that are kept, where only some are. */
  readonly only?: readonly Pointer[] | undefined;
  /** The pseudonym of a value: the same for the same value. */
  pseudonym(value: string): string;
}

export interface PointerRule {
  /** What is left of the pointer at some place of a body; empty where it has arrived. */
  readonly pointer: Pointer;
  readonly treatment: Treatment;
}

/** The rules that still hold below a member or element. */
export function below(rules: readonly PointerRule[], name: string): readonly PointerRule[] {
  if (rules.length === 0) return rules;
  return rules
    .filter(({ pointer }) => takes(pointer[0], name))
    .map(({ pointer, treatment }) => ({ pointer: pointer.slice(1), treatment }));
}

/** What the rules say of the value at this very place. To leave out is the safer of the two. */
export function treatmentHere(rules: readonly PointerRule[]): Treatment | undefined {
  const here = rules.filter(({ pointer }) => pointer.length === 0);
  return here.some(({ treatment }) => treatment === 'redact') ? 'redact' : here[0]?.treatment;
}

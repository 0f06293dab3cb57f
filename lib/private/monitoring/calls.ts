import type * as events from 'aws-cdk-lib/aws-events';

/** Events of EventBridge that somebody should know of. */
export interface Watch {
  readonly id: string;
  readonly description: string;
  readonly eventPattern: events.EventPattern;
}

/** The `detail-type` of an API call that CloudTrail has seen; EventBridge gets none without a trail in the account. */
export const API_CALL = 'AWS API Call via CloudTrail';

/**
 * What a value must be like.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export type Value = string | { readonly [operator: string]: unknown };

/** Parameters by their names; nested ones in objects. All must be as they say. */
export interface Parameters {
  readonly [name: string]: readonly Value[] | Parameters;
}

/** Calls of a service whose parameters match one of the given forms. */
export function calls(
  service: string,
  eventName: readonly Value[],
  parameters: readonly Parameters[],
): events.EventPattern {
  const [first, ...others] = parameters.map((requestParameters) => ({ requestParameters }));
  return {
    source: [`aws.${service}`],
    detailType: [API_CALL],
    detail: {
      eventSource: [`${service}.amazonaws.com`],
      eventName,
      ...(others.length === 0 ? first : { $or: [first, ...others] }),
    },
  };
}

/** Every call but those whose names begin so. EventBridge leaves out reads anyway, unless a rule asks for them. */
export function allBut(...prefixes: readonly string[]): Value[] {
  return [{ 'anything-but': { prefix: prefixes } }];
}

/** CloudTrail has names as the caller spelled them, and some services ignore case. */
export function exactly(name: string): Value {
  return { 'equals-ignore-case': name };
}

/** A name, and every ARN, URL or path that ends in it. */
export function endingIn(name: string): Value {
  return { suffix: { 'equals-ignore-case': name } };
}

export function beginningWith(start: string): Value {
  return { prefix: { 'equals-ignore-case': start } };
}

/** A rule holds no more than 2,048 characters of a pattern, so that many names take several. */
export function inPortions<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

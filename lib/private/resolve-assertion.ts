import { Duration, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { AssertionProps } from '../assertion-props';
import { checkAssertion, DEFAULT_ASSERTION_LIFETIME_SECONDS, defaultIssuer } from '../routing/assertion';
import { refuse, type PropProblem } from './validation';

export interface ResolvedAssertion {
  readonly issuer: string;
  readonly lifetimeSeconds: number;
  readonly rotation: Duration;
}

const DEFAULT_ROTATION = Duration.days(30);
const MAX_ROTATION_DAYS = 365;

/** Checks what is said of assertions, and fills in the defaults. @throws ValidationError with all problems */
export function resolveAssertion(scope: IConstruct, props: AssertionProps): ResolvedAssertion {
  const { issuer = defaultIssuer(Stack.of(scope).stackName), lifetime, rotation = DEFAULT_ROTATION } = props;
  refuse(scope, [
    ...checkAssertion(props.issuer, lifetime?.toMilliseconds()).map(({ key, message }) => ({
      key: `assertion.${key}`,
      message,
    })),
    ...rotationProblems(rotation),
  ]);
  return { issuer, lifetimeSeconds: lifetime?.toSeconds() ?? DEFAULT_ASSERTION_LIFETIME_SECONDS, rotation };
}

function rotationProblems(rotation: Duration): PropProblem[] {
  const days = rotation.toDays({ integral: false });
  if (Number.isInteger(days) && days >= 1 && days <= MAX_ROTATION_DAYS) return [];
  return [{ key: 'assertion.rotation', message: `must be 1 to ${MAX_ROTATION_DAYS} whole days; got ${days} days` }];
}

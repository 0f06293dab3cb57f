import type { IConstruct } from 'constructs';

/** A prop that cannot be right; the message names construct, key, value and what is allowed, one line a problem. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
}

/** What is wrong with one key of the props. */
export interface PropProblem {
  /** e.g. `routes[0].upstream` */
  readonly key: string;
  readonly message: string;
}

/** @throws ValidationError if there is any problem; all of them go into one error. */
export function refuse(scope: IConstruct, problems: readonly PropProblem[]): void {
  if (problems.length === 0) return;
  throw new ValidationError(problems.map(({ key, message }) => `${scope.node.path}: ${key}: ${message}`).join('\n'));
}

import type { QueryParameter } from './queries';

/** A condition in SQL with the values for its `?`. */
export interface Condition {
  readonly sql: string;
  readonly parameters: readonly QueryParameter[];
}

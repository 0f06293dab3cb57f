import type { PathReadings } from '../routing/path-readings';
import { anyCase, asciiLower } from '../routing/fold-case';

/** The path of a request as policies compare it. A slash at the end has stayed. */
export interface PolicyPath {
  /** Every reading, decoded; in lower case (ASCII) where the service ignores case. */
  readonly readings: readonly string[];
  /** The same in one case, for what refuses. */
  readonly folded: readonly string[];
  /** Whether the service ignores case. */
  readonly ignoresCase: boolean;
}

export function policyPath({ readings }: PathReadings, ignoresCase: boolean): PolicyPath {
  return {
    readings: ignoresCase ? distinct(readings.map(asciiLower)) : readings,
    folded: distinct(readings.map(anyCase)),
    ignoresCase,
  };
}

export function distinct(texts: readonly string[]): readonly string[] {
  return texts.length === 1 ? texts : [...new Set(texts)];
}

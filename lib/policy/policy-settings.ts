import type { CedarText } from './cedar/folder';
import type { DryRun } from './policy';
import type { Rule } from './rule';

/** Cedar policies as the function gets them. */
export interface CedarSettings extends CedarText {
  /** Names of headers that they may look at. */
  readonly headers?: readonly string[] | undefined;
  /** Folder of the engine; absolute. */
  readonly engine: string;
}

/** A policy as the function gets it: exactly one of rules and cedar. */
export interface PolicySettings extends DryRun {
  readonly rules?: readonly Rule[] | undefined;
  readonly cedar?: CedarSettings | undefined;
}

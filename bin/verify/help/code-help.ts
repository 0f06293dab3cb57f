export interface CodeHelp {
  /** What it means, one sentence. */
  readonly meaning: string;
  /** What to do about it. */
  readonly advice: string;
}

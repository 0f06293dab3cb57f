/** Cedar policies that cannot be used; one line a problem. */
export class CedarError extends Error {
  override readonly name = 'CedarError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

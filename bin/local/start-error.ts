/** The pipeline cannot start; the message is for people, one line. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** First line of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/** One invocation of the function, from the moment that it is asked for until it is answered. */
export interface Invocation {
  readonly id: string;
  /** The event as JSON text. */
  readonly event: string;
  resolve(answer: string): void;
  reject(error: Error): void;
}

/** What the runtime or an extension says when something failed. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
}

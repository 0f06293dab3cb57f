import type { Readable } from 'node:stream';

/** The gateway's door to the function, as narrow as Lambda's Invoke: JSON in, JSON out. */
export interface Functions {
  /**
   * Invokes the function once, as soon as an environment is free.
   *
   * @param event the event as JSON text.
   * @param givenUp aborted when nobody waits for the answer any more. What is not yet running is then never started;
   * what runs goes on to its end, as in Lambda.
   * @param requestId Lambda's id of the invocation.
   * @returns the function's answer as JSON text.
   * @throws NeverInvoked if no environment took the invocation; FunctionError if the function failed, died or took too
   * long.
   */
  invoke(event: string, givenUp: AbortSignal, requestId: string): Promise<string>;
}

/** The gateway's door to a function whose answers are streamed, as narrow as Lambda's InvokeWithResponseStream. */
export interface StreamingFunctions {
  /**
   * Invokes the function once, as soon as an environment is free.
   *
   * @param event the event as JSON text.
   * @param until `givenUp` is aborted when the request has waited long enough: what is not yet running is then never started.
   * `dropped` is aborted when nobody takes the answer any more: what runs and has not begun to answer then finds its response
   * stream closed. (Lambda lets it go on and tells it nothing.)
   * @param requestId Lambda's id of the invocation.
   * @returns the function's answer as it comes. It fails with FunctionError where the function does midway; who destroys it
   * drops the rest.
   * @throws NeverInvoked if no environment took the invocation; FunctionError if the function failed, died or took too
   * long before its answer began.
   */
  invokeStreaming(
    event: string,
    until: { readonly givenUp: AbortSignal; readonly dropped: AbortSignal },
    requestId: string,
  ): Promise<Readable>;
}

/** The function did not answer. `type` and message are what the runtime reported, for the log; callers see neither. */
export class FunctionError extends Error {
  override readonly name: string = 'FunctionError';

  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** No environment took the invocation, and none will. */
export class NeverInvoked extends FunctionError {
  override readonly name = 'NeverInvoked';
}

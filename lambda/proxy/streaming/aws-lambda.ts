import type { Prelude } from './prelude';

/**
 * What AWS's runtime client gives to a function whose answers are streamed. It has methods of a Writable, and is none: `from`
 * of `HttpResponseStream` writes its prelude by the first `write`, which `end` does not count for.
 *
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 */
export interface ResponseStream {
  /** @returns false if the next write should wait for `drain` */
  write(chunk: Uint8Array | string): boolean;
  end(): unknown;
  on(event: 'drain' | 'finish' | 'close' | 'error', listener: () => void): unknown;
}

/** The global `awslambda` of AWS's runtime client, as far as it is used. */
export interface AwsLambda {
  /** Marks a handler as one whose answers are streamed. */
  streamifyResponse<Handler>(handler: Handler): Handler;
  readonly HttpResponseStream: { from(stream: ResponseStream, prelude: Prelude): ResponseStream };
}

/** Undefined where the runtime cannot stream. */
export function awsLambda(): AwsLambda | undefined {
  const lambda: unknown = Reflect.get(globalThis, 'awslambda');
  return lambda as AwsLambda | undefined;
}

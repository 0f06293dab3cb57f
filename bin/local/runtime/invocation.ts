import type { Readable } from 'node:stream';

/** What a function gives: JSON text, or a stream of bytes. */
export type FunctionAnswer = string | Readable;

/** One invocation of the function, from the moment that it is asked for until it is answered, or an answer begins. */
export interface Invocation {
  readonly id: string;
  /** The event as JSON text. */
  readonly event: string;
  /** Aborted when nobody takes a streamed answer any more, be it before its first byte; undefined where it is taken to its end. */
  readonly dropped?: AbortSignal;
  resolve(answer: FunctionAnswer): void;
  reject(error: Error): void;
}

/** What the runtime or an extension says when something failed. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
}

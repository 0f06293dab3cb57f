import type { AccessLog } from './access-log';
import type { ClientRequest, Header, RequestIds } from './client-request';

/** What differs between the kinds of API that API Gateway has: `restApi` (payload v1) and `httpApi` (payload v2). */
export interface Api {
  /** How long the client waits for the function at most, in milliseconds. */
  readonly timeoutMs: number;
  /** Methods that reach the function. */
  readonly methods: ReadonlySet<string>;
  /** Why the head of a request is too long, if it is. */
  excessOf(head: RequestHead): Refusal | undefined;
  /** Ids of a new request. */
  ids(headers: readonly Header[]): RequestIds;
  /**
   * The function's event.
   *
   * @param stageVariables those of the API's stage; empty if it has none
   * @throws BadRequest if the request cannot be told in an event.
   */
  event(request: ClientRequest, stageVariables: StageVariables): object;
  /**
   * The HTTP answer that a function's answer stands for.
   *
   * @param text the function's answer, JSON.
   * @throws MalformedAnswer if it is none that API Gateway understands.
   */
  answer(text: string): Answer;
  /** How it streams answers; undefined where it does not. */
  readonly streaming: StreamingApi | undefined;
  /** The gateway's own answer where there is none of the function's. */
  refuse(refusal: Refusal): Answer;
  /** Headers that tell the client the request's ids. */
  idHeaders(ids: RequestIds): readonly Header[];
  readonly accessLog: AccessLog;
}

/** Variables of the API's stage: the function gets them with every event. */
export type StageVariables = Readonly<Record<string, string>>;

/** What differs where answers are streamed. */
export interface StreamingApi {
  /** How long the client waits for the end of the answer at most, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Status and headers that the function's answer begins with.
   *
   * @param text what comes before the delimiter, JSON.
   * @throws MalformedAnswer if it is nothing that API Gateway understands.
   */
  head(text: string): AnswerHead;
}

/** What limits on the head of a request look at. */
export interface RequestHead {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  /** Path of the target. */
  readonly path: string;
  /** `HTTP/1.1` or `HTTP/1.0`. */
  readonly protocol: string;
  readonly headers: readonly Header[];
  /** Whether the API authorizes its callers. */
  readonly authorizes: boolean;
}

/** An HTTP answer; lengths, dates and connection headers are the server's business. */
export interface Answer extends AnswerHead {
  readonly body: Buffer;
}

export interface AnswerHead {
  readonly status: number;
  readonly headers: readonly Header[];
}

/** Why the gateway answers by itself. */
export type Refusal =
  | 'bad_request'
  | 'unsupported_method'
  | 'body_too_large'
  | 'headers_too_large'
  | 'uri_too_long'
  | 'function_failed'
  | 'function_too_slow'
  | 'body_not_base64';

/** The request cannot be passed on. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}

/** The function's answer is not one that API Gateway understands. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';

  constructor(
    message: string,
    readonly refusal: Refusal = 'function_failed',
  ) {
    super(message);
  }
}

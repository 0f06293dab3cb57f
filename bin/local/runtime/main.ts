import { existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { takeOverOutput } from './output';
import { awslambda, isStreaming, StreamedResponse } from './response-stream';

/**
 * The runtime inside of an environment: loads the function and feeds it one invocation after the other, as Lambda's own
 * runtime for Node.js does.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
 */

type Handler = (event: unknown, ...more: object[]) => unknown;

interface Reply {
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

const RUNTIME = '/2018-06-01/runtime';

/** How long the function has for its good-byes once nobody is left to feed it. */
const ORPHAN_GRACE_MS = 2_000;

const agent = new http.Agent({ keepAlive: true });

function call(method: 'GET' | 'POST', route: string, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request({ ...target(route), method }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString('utf8') }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function target(route: string): { host: string; port: string; path: string; agent: http.Agent } {
  const [host = '', port = ''] = variable('AWS_LAMBDA_RUNTIME_API').split(':');
  return { host, port, path: RUNTIME + route, agent };
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`environment variable ${name} is not set`);
  return value;
}

async function loadHandler(): Promise<Handler> {
  const [module = '', name = ''] = variable('_HANDLER').split('.');
  const file = path.join(variable('LAMBDA_TASK_ROOT'), `${module}.mjs`);
  if (!existsSync(file)) throw new LoadingError('ImportModuleError', `Error: Cannot find module '${module}'`);
  const loaded = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw error instanceof SyntaxError ? new LoadingError('UserCodeSyntaxError', String(error)) : error;
  })) as Record<string, unknown>;
  const handler = loaded[name];
  if (typeof handler !== 'function') {
    throw new LoadingError('HandlerNotFound', `${module}.${name} is undefined or not exported`);
  }
  return handler as Handler;
}

/**
 * Types and messages are those of AWS's runtime client: by these, the edge log tells a function that could not be loaded
 * from one that failed.
 *
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 */
class LoadingError extends Error {
  constructor(kind: 'ImportModuleError' | 'UserCodeSyntaxError' | 'HandlerNotFound', message: string) {
    super(message);
    this.name = `Runtime.${kind}`;
  }
}

function contextOf({ headers }: Reply): object {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: variable('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: variable('AWS_LAMBDA_FUNCTION_VERSION'),
    memoryLimitInMB: variable('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    logGroupName: variable('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: variable('AWS_LAMBDA_LOG_STREAM_NAME'),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function describe(error: unknown): string {
  console.error(error);
  return error instanceof Error
    ? JSON.stringify({ errorType: error.name, errorMessage: error.message, stackTrace: error.stack?.split('\n') })
    : JSON.stringify({ errorType: 'Error', errorMessage: String(error) });
}

async function respond(handler: Handler, next: Reply): Promise<void> {
  const invocation = `/invocation/${idOf(next)}`;
  let answer: string;
  try {
    answer = JSON.stringify((await handler(JSON.parse(next.body), contextOf(next))) ?? null);
  } catch (error) {
    await call('POST', `${invocation}/error`, describe(error));
    return;
  }
  await call('POST', `${invocation}/response`, answer);
}

/** The response that is being streamed, while one is. */
let streamed: { readonly id: string; readonly response: StreamedResponse } | undefined;
/** The invocation whose response nobody takes; that may be told before the invocation itself has come. */
let dropped: unknown;

async function stream(handler: Handler, next: Reply): Promise<void> {
  const id = idOf(next);
  const response = new StreamedResponse(target(`/invocation/${id}/response`));
  streamed = { id, response };
  if (dropped === id) response.drop();
  try {
    const result = handler(JSON.parse(next.body), response.stream, contextOf(next));
    if (!(result instanceof Promise)) throw new Error('Streaming does not support non-async handlers.');
    await result;
    // That it was dropped is no fault of the handler's, which has seen it.
    await response.taken.catch(() => undefined);
    if (!response.isFinished && !response.isLost) throw new Error('Response stream is not finished.');
  } catch (error) {
    await response.fail(error instanceof Error ? error.name : 'Error', describe(error));
  } finally {
    streamed = undefined;
  }
}

function idOf({ headers }: Reply): string {
  return String(headers['lambda-runtime-aws-request-id']);
}

async function run(): Promise<never> {
  let handler: Handler;
  Object.assign(globalThis, { awslambda });
  try {
    handler = await loadHandler();
  } catch (error) {
    await call('POST', '/init/error', describe(error));
    process.exit(1);
  }
  for (;;) {
    const next = await call('GET', '/invocation/next');
    await (isStreaming(handler) ? stream(handler, next) : respond(handler, next));
  }
}

// Ctrl-C in a terminal reaches every process of the pipeline; this one stops when it is told to, not before.
process.on('SIGINT', () => undefined);
// Nobody waits for a response whose first byte has not come yet: there is no connection that could be closed.
process.on('message', (message: { readonly drop?: unknown }) => {
  dropped = message.drop;
  if (streamed?.id === dropped) streamed?.response.drop();
});
// The parent is gone, perhaps killed: the function still gets its chance to say good-bye.
process.on('disconnect', () => {
  setTimeout(() => process.exit(1), ORPHAN_GRACE_MS);
  process.kill(process.pid, 'SIGTERM');
});

takeOverOutput();
run().catch((error: unknown) => {
  // Without its Runtime API there is nothing left to do but what "disconnect" brings, should the parent be gone.
  setTimeout(() => {
    console.error(error);
    process.exit(1);
  }, ORPHAN_GRACE_MS);
});

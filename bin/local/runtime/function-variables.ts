import { randomBytes } from 'node:crypto';
import { ACCOUNT_ID } from '../gateway/surroundings';

/** One of the functions that the bundle holds. */
export interface LocalFunction {
  readonly name: string;
  /** File and export, as in Lambda: `index.handler`. */
  readonly handler: string;
}

export const PROXY_FUNCTION: LocalFunction = { name: 'audit-proxy', handler: 'index.handler' };

/** The same where answers are streamed. */
export const STREAMING_FUNCTION: LocalFunction = { name: 'audit-proxy-streaming', handler: 'index.streamingHandler' };

const LOG_GROUP = '/aws/lambda/audit-proxy';
const REGION = 'us-east-1';

export function functionArn({ name }: LocalFunction): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${name}`;
}

/**
 * The environment variables that Lambda sets, for one environment: the name of its log stream is its own, as in Lambda.
 * Nothing is inherited but what a process needs to run at all. The credentials are no secret: nobody checks them.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function functionVariables(bundle: string, { name, handler }: LocalFunction): Record<string, string> {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    ...(process.env['PATH'] !== undefined && { PATH: process.env['PATH'] }),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: LOG_GROUP,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[$LATEST]${randomBytes(16).toString('hex')}`,
    LAMBDA_TASK_ROOT: bundle,
    _HANDLER: handler,
  };
}

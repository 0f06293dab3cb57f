import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/** What REST APIs allow a regional integration without a raised quota. */
const BUFFERED_TIMEOUT = Duration.seconds(29);

/**
 * What they allow one that streams.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
const STREAMING_TIMEOUT = Duration.minutes(15);

/**
 * Gives methods to the function whose answers are whole.
 *
 * Not a `LambdaIntegration`, of these as of the others: it would let API Gateway call the function by a permission for each method,
 * and a function has room for some fifty (20 KB); or by one that holds for test calls from the console too, of which no edge log
 * knows.
 */
export function bufferedIntegration({ functionArn }: lambda.IFunction): apigateway.Integration {
  return new apigateway.AwsIntegration({
    proxy: true,
    service: 'lambda',
    path: `2015-03-31/functions/${functionArn}/invocations`,
    options: { timeout: BUFFERED_TIMEOUT },
  });
}

/**
 * Gives methods to the function that streams.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export function streamingIntegration({ functionArn }: lambda.IFunction): apigateway.Integration {
  return new apigateway.AwsIntegration({
    proxy: true,
    service: 'lambda',
    path: `2021-11-15/functions/${functionArn}/response-streaming-invocations`,
    options: { timeout: STREAMING_TIMEOUT, responseTransferMode: apigateway.ResponseTransferMode.STREAM },
  });
}

/**
 * How the name of the edge log's delivery stream begins: API Gateway writes access logs to no stream of another name.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-logging-to-kinesis.html
 */
export const EDGE_STREAM_PREFIX = 'amazon-apigateway-';

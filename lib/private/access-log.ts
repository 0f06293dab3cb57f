import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { accessLogFormat } from '../edge-log/access-log-format';

/** The edge log of a REST API: one JSON object a line, as lib/edge-log declares it. */
export const restEdgeLogFormat = AccessLogFormat.custom(JSON.stringify(accessLogFormat('restApi')));

/** The edge log of an HTTP API, which knows fewer variables. */
export const httpEdgeLogFormat = AccessLogFormat.custom(JSON.stringify(accessLogFormat('httpApi')));

import { Aws } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as logs from 'aws-cdk-lib/aws-logs';
import { API_CALL } from './calls';

const CLOUDFORMATION = 'cloudformation.amazonaws.com';
const IDENTITY = '$.detail.userIdentity';

/** When a deployment of this stack began and ended, so that calls of the deploy role at other times stand out. */
export const deployments: events.EventPattern = {
  source: ['aws.cloudformation'],
  detailType: ['CloudFormation Stack Status Change'],
  detail: { 'stack-id': [Aws.STACK_ID] },
};

/**
 * API calls that are not a deployment's. A deployment's are made by CloudFormation with a deploy role: AWS says both, and a
 * caller can choose neither. The name of a session or a user agent would not do, since callers choose those.
 *
 * @param deployRoleArns may hold `*`
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function callsByOthers(deployRoleArns: readonly string[]): logs.IFilterPattern {
  return logs.FilterPattern.all(
    logs.FilterPattern.stringValue('$.detail-type', '=', API_CALL),
    logs.FilterPattern.any(
      missingOrOther(`${IDENTITY}.sessionContext.sessionIssuer.arn`, deployRoleArns),
      missingOrOther(`${IDENTITY}.invokedBy`, [CLOUDFORMATION]),
      missingOrOther('$.detail.sourceIPAddress', [CLOUDFORMATION]),
    ),
  );
}

/** The rest: calls of deployments. */
export function callsByDeployments(deployRoleArns: readonly string[]): logs.IFilterPattern {
  return logs.FilterPattern.all(
    logs.FilterPattern.stringValue('$.detail-type', '=', API_CALL),
    anyOf(`${IDENTITY}.sessionContext.sessionIssuer.arn`, deployRoleArns),
    anyOf(`${IDENTITY}.invokedBy`, [CLOUDFORMATION]),
    anyOf('$.detail.sourceIPAddress', [CLOUDFORMATION]),
  );
}

function missingOrOther(field: string, values: readonly string[]): logs.JsonPattern {
  const others = values.map((value) => logs.FilterPattern.stringValue(field, '!=', value));
  // A comparison with a field that is not there never holds.
  return logs.FilterPattern.any(
    logs.FilterPattern.notExists(field),
    others.length === 1 ? others[0]! : logs.FilterPattern.all(...others),
  );
}

function anyOf(field: string, values: readonly string[]): logs.JsonPattern {
  const each = values.map((value) => logs.FilterPattern.stringValue(field, '=', value));
  return each.length === 1 ? each[0]! : logs.FilterPattern.any(...each);
}

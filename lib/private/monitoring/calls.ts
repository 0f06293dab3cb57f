import type * as events from 'aws-cdk-lib/aws-events';

/** Events of EventBridge that somebody should know of. */
export interface Watch {
  readonly id: string;
  readonly description: string;
  readonly eventPattern: events.EventPattern;
}

/** The `detail-type` of an API call that CloudTrail has seen; EventBridge gets none without a trail in the account. */
export const API_CALL = 'AWS API Call via CloudTrail';

type Names = (string | { prefix: string })[];

/** Calls of a service whose parameters match one of the given forms. */
export function calls(service: string, eventName: Names, parameters: Record<string, string[]>[]): events.EventPattern {
  const [first, ...others] = parameters.map((requestParameters) => ({ requestParameters }));
  return {
    source: [`aws.${service}`],
    detailType: [API_CALL],
    detail: {
      eventSource: [`${service}.amazonaws.com`],
      eventName,
      ...(others.length === 0 ? first : { $or: [first, ...others] }),
    },
  };
}

import { Names } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import type { ManagedWebAclProps } from '../web-acl';

const RULE_GROUPS = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
];
/** Rules of a group that only count: of this one, what is over 8 KB is refused, and services take more. */
const COUNTED_RULES: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: ['SizeRestrictions_BODY'],
};
const MAX_METRIC_NAME = 100;

/** A regional web ACL of AWS's managed rules. @returns its ARN */
export function managedWebAcl(scope: Construct, id: string, props: ManagedWebAclProps): string {
  const { ruleGroups = RULE_GROUPS, requestsPerAddress } = props;
  const rules = [
    ...(requestsPerAddress === undefined ? [] : [addressLimit(requestsPerAddress)]),
    ...ruleGroups.map(managedGroup),
  ];
  const acl = new wafv2.CfnWebACL(scope, id, {
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    description: 'In front of the access proxy',
    rules: rules.map((rule, priority) => ({ ...rule, priority })),
    visibilityConfig: visibility(Names.uniqueResourceName(scope, { maxLength: MAX_METRIC_NAME })),
  });
  return acl.attrArn;
}

type Rule = Omit<wafv2.CfnWebACL.RuleProperty, 'priority'>;

function addressLimit(limit: number): Rule {
  return {
    name: 'RequestsPerAddress',
    statement: { rateBasedStatement: { limit, aggregateKeyType: 'IP', evaluationWindowSec: 300 } },
    action: { block: { customResponse: { responseCode: 429 } } },
    visibilityConfig: visibility('RequestsPerAddress'),
  };
}

function managedGroup(name: string): Rule {
  const counted = COUNTED_RULES[name] ?? [];
  return {
    name,
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    overrideAction: { none: {} },
    visibilityConfig: visibility(name),
  };
}

/** Counted in CloudWatch; no samples of requests are kept, which would hold headers and queries unredacted. */
function visibility(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: false };
}

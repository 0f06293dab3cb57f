import { Token } from 'aws-cdk-lib';
import type { AccessProxyOptions } from '../access-proxy';
import type { PropProblem } from './validation';

/** API Gateway's quota of a WAF rate rule. @see https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html */
const MIN_REQUESTS_PER_ADDRESS = 10;
const MAX_REQUESTS_PER_ADDRESS = 2_000_000_000;

/** What is wrong with the props about the edge. @param isRest whether the API is a REST API */
export function edgeProblems(props: AccessProxyOptions, isRest: boolean): PropProblem[] {
  const { webAcl, vpcEndpoints, customDomain } = props;
  const problems: PropProblem[] = [];
  const add = (key: string, message: string) => void problems.push({ key, message });
  if (webAcl !== undefined && !isRest) add('webAcl', 'must go with ApiType.REST, since AWS WAF takes no HTTP API');
  if (vpcEndpoints !== undefined) {
    if (!isRest) add('vpcEndpoints', 'must go with ApiType.REST, since an HTTP API cannot be private');
    if (vpcEndpoints.length === 0) add('vpcEndpoints', 'must hold at least 1 VPC endpoint; got none');
    if (customDomain !== undefined) add('customDomain', 'must not go with vpcEndpoints: this domain would be public');
  }
  const limit = webAcl?.managedProps?.requestsPerAddress;
  if (limit !== undefined && !Token.isUnresolved(limit)) {
    const [min, max] = [MIN_REQUESTS_PER_ADDRESS, MAX_REQUESTS_PER_ADDRESS];
    if (!Number.isInteger(limit) || limit < min || limit > max) {
      add('webAcl.requestsPerAddress', `must be a whole number from ${min} to ${max}; got ${limit}`);
    }
  }
  const groups = webAcl?.managedProps?.ruleGroups;
  if (groups?.length === 0) add('webAcl.ruleGroups', 'must hold at least 1 rule group; got none');
  return problems;
}

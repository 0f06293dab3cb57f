/** What AWS WAF checks, by groups of rules that AWS keeps. */
export interface ManagedWebAclProps {
  /**
   * Names of AWS's managed rule groups, in the order of their use. `SizeRestrictions_BODY` of the common rules only counts:
   * it would refuse every body over 8 KB, and the proxy has a limit of its own.
   *
   * @default ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet']
   * @see https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
   */
  readonly ruleGroups?: string[];

  /**
   * Requests from one address in five minutes; what exceeds is refused. From 10 to 2,000,000,000.
   *
   * @default - no limit for a single address
   */
  readonly requestsPerAddress?: number;
}

/**
 * A web ACL of AWS WAF before a REST API. What it refuses never reaches the proxy function; the edge log has it
 * (`refused_requests`).
 */
export class WebAcl {
  /** A new one, of AWS's managed rules. It costs by the hour, the rule and the request. */
  public static managed(props: ManagedWebAclProps = {}): WebAcl {
    return new WebAcl(undefined, props);
  }

  /**
   * One that is there already.
   *
   * @param webAclArn of a regional web ACL, in the region of the API
   */
  public static fromArn(webAclArn: string): WebAcl {
    return new WebAcl(webAclArn);
  }

  private constructor(
    /** Only with `fromArn`. */
    public readonly webAclArn?: string,
    /** Only with `managed`. */
    public readonly managedProps?: ManagedWebAclProps,
  ) {}
}

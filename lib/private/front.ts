import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Authorization } from '../authorization';
import type { CustomDomainProps } from '../custom-domain-props';
import type { GatewaySecret } from './gateway-secret';

/** What either kind of API needs to stand in front of the proxy function. */
export interface FrontProps {
  readonly handler: lambda.IFunction;
  readonly authorization: Authorization;
  readonly throttling: { readonly rateLimit: number; readonly burstLimit: number };
  readonly stageName: string;
  /** By it the function knows what comes from the stage. */
  readonly gatewaySecret: GatewaySecret;
  readonly customDomain: CustomDomainProps | undefined;
  /** Absolute paths that everybody may GET; no route has any of them. */
  readonly openPaths: readonly string[];
}

/** An API in front of the proxy function. */
export interface Front {
  /** URL of the stage, with a slash at the end. */
  readonly url: string;
  /** Only with a custom domain. */
  readonly domainAliasTarget?: string;
  readonly domainAliasHostedZoneId?: string;
  /** ARN pattern of every method of every path, for `execute-api:Invoke`. */
  arnForInvoke(): string;
}

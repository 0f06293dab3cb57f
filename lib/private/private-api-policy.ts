import * as iam from 'aws-cdk-lib/aws-iam';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AuthorizationKind } from '../authorization';

/**
 * The resource policy of a private API: nobody comes in but through these VPC endpoints.
 *
 * Where IAM decides who may call, nobody is allowed here: an allowance in either place is enough within an account, and so
 * whoever has credentials could call. Elsewhere the policy must allow, or none is let through to the authorizer.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
export function privateApiPolicy(endpoints: readonly ec2.IVpcEndpoint[], kind: AuthorizationKind): iam.PolicyDocument {
  const everything = { principals: [new iam.AnyPrincipal()], actions: ['execute-api:Invoke'], resources: ['execute-api:/*'] }; // prettier-ignore
  return new iam.PolicyDocument({
    statements: [
      ...(kind === AuthorizationKind.IAM ? [] : [new iam.PolicyStatement(everything)]),
      new iam.PolicyStatement({
        ...everything,
        effect: iam.Effect.DENY,
        conditions: { StringNotEquals: { 'aws:SourceVpce': endpoints.map(({ vpcEndpointId }) => vpcEndpointId) } },
      }),
    ],
  });
}

import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditTrail } from '../../lib';
import { newStack, resources, ROUTE } from './support';

/** What docs/http.md says to do for preflights, which carry no credentials. */
it('lets OPTIONS through to the function without authorization, on a REST API', () => {
  const stack = newStack();
  const access = new AccessProxy(stack, 'Access', { trail: new AuditTrail(stack, 'Trail'), routes: [ROUTE] });
  access.restApi!.root.getResource('{proxy+}')!.addMethod('OPTIONS', new apigateway.LambdaIntegration(access.handler), {
    authorizationType: apigateway.AuthorizationType.NONE,
  });

  const methods = resources(Template.fromStack(stack), 'AWS::ApiGateway::Method').map(({ Properties }) => Properties);
  const options = methods.filter(({ HttpMethod }) => HttpMethod === 'OPTIONS');
  // CDK adds it to the root as well.
  const open = { AuthorizationType: 'NONE', Integration: { Type: 'AWS_PROXY' } };
  expect(options).toMatchObject([open, open]);
  expect(methods.filter(({ HttpMethod }) => HttpMethod === 'ANY').map((any) => any.AuthorizationType)).toEqual(['AWS_IAM', 'AWS_IAM']); // prettier-ignore
});

it('lets OPTIONS through to the function without authorization, on an HTTP API', () => {
  const stack = newStack();
  const trail = new AuditTrail(stack, 'Trail');
  const access = new AccessProxy(stack, 'Access', { trail, routes: [ROUTE], apiType: ApiType.HTTP });
  access.httpApi!.addRoutes({
    path: '/{proxy+}',
    methods: [apigatewayv2.HttpMethod.OPTIONS],
    integration: new HttpLambdaIntegration('Preflight', access.handler),
    authorizer: new apigatewayv2.HttpNoneAuthorizer(),
  });

  const routes = resources(Template.fromStack(stack), 'AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties);
  expect(routes.filter(({ RouteKey }) => RouteKey === 'OPTIONS /{proxy+}')).toMatchObject([{ AuthorizationType: 'NONE' }]); // prettier-ignore
  expect(routes.filter(({ RouteKey }) => RouteKey.startsWith('ANY ')).map((any) => any.AuthorizationType)).toEqual(['AWS_IAM', 'AWS_IAM']); // prettier-ignore
});

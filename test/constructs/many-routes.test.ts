import { CfnParameter, type App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AccessProxy, AuditTrail, type RouteProps } from '../../lib';
import { SETTINGS_VARIABLE, type ProxySettings } from '../../lib/routing/proxy-settings';
import {
  filledSettings,
  SETTINGS_FILE_VARIABLE,
  VALUE_PARAMETERS_VARIABLE,
  VALUES_VARIABLE,
} from '../../lib/routing/settings-file';
import { flat, newStack, resources, roleStatements, theResource } from './support';

function build(routes: (stack: Stack) => RouteProps[]) {
  const stack = newStack();
  new AccessProxy(stack, 'Access', { routes: routes(stack), trail: new AuditTrail(stack, 'Trail') });
  const template = Template.fromStack(stack);
  const { Properties } = theResource(template, 'AWS::Lambda::Function', 'AccessFunction');
  const variables = flat(Properties.Environment.Variables) as Record<string, string>;
  const { outdir } = stack.node.root as App;
  const code = path.join(outdir, `asset.${path.parse(Properties.Code.S3Key).name}`);
  return { template, variables, code };
}

/** Settings as the function will have them, references written as text. */
function settings({ template, variables, code }: ReturnType<typeof build>): ProxySettings {
  const text = fs.readFileSync(path.join(code, variables[SETTINGS_FILE_VARIABLE]!), 'utf8');
  const parameters = JSON.parse(variables[VALUE_PARAMETERS_VARIABLE] ?? '[]') as string[];
  const values = parameters.flatMap((name) => {
    const parameter = template.findResources('AWS::SSM::Parameter')[name.slice(2, -1)];
    return JSON.parse(flat(parameter?.Properties.Value) as string) as string[];
  });
  return filledSettings(text, parameters.length > 0 ? values : (JSON.parse(variables[VALUES_VARIABLE]!) as string[]));
}

const literal = (n: number) => ({ path: `/service-${n}`, upstream: `http://service-${n}.internal:8080` });
const balancer = (stack: Stack, n: number) => new CfnParameter(stack, `Balancer${n}`).valueAsString;

describe('routes', () => {
  it('that fit lie in the environment', () => {
    const { variables, code } = build(() => [literal(0)]);
    expect(variables[SETTINGS_VARIABLE]).toContain('/service-0');
    expect(fs.existsSync(path.join(code, 'settings.json'))).toBe(false);
  });

  it('by the hundred lie beside the code, whole', () => {
    const built = build(() => Array.from({ length: 500 }, (_, n) => literal(n)));
    expect(settings(built).routes).toHaveLength(500);
    expect(settings(built).routes[499]).toMatchObject(literal(499));
    expect(settings(built).deliveryStreams).toEqual([expect.stringMatching(/^\$\{TrailEvents0Stream/)]);
    built.template.resourceCountIs('AWS::SSM::Parameter', 0);
  });

  it('to one load balancer take its address from the environment, once', () => {
    const built = build((stack) => {
      const upstream = `http://${balancer(stack, 0)}:80`;
      return Array.from({ length: 300 }, (_, n) => ({ path: `/service-${n}`, upstream }));
    });
    expect(built.variables[VALUES_VARIABLE]!.match(/Balancer0/g)).toHaveLength(1);
    expect(new Set(settings(built).routes.map(({ upstream }) => upstream))).toEqual(
      new Set(['http://${Balancer0}:80']),
    );
  });

  it('to hundreds of load balancers take their addresses from parameters that the function may read', () => {
    const built = build((stack) =>
      Array.from({ length: 150 }, (_, n) => ({ path: `/service-${n}`, upstream: `http://${balancer(stack, n)}:80` })),
    );
    const { routes } = settings(built);
    expect(routes.map(({ upstream }) => upstream)).toEqual(routes.map((_, n) => `http://\${Balancer${n}}:80`));
    const parameters = resources(built.template, 'AWS::SSM::Parameter');
    expect(parameters.length).toBeGreaterThan(1);
    const role = theResource(built.template, 'AWS::IAM::Role', 'AccessFunctionRole');
    const [read, ...others] = roleStatements(role).filter(({ Action }) => JSON.stringify(Action).includes('ssm:'));
    expect(others).toEqual([]);
    expect(read).toMatchObject({ Action: 'ssm:GetParameters' });
    expect(read!.Resource).toHaveLength(parameters.length);
  });
});

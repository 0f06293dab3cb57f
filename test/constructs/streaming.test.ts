import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditMonitoring, AuditTrail, type AccessProxyOptions, type RouteProps } from '../../lib';
import { flat, idOf, newStack, resources, ROUTE, theResource, type Resource } from './support';

const FUNCTION = 'AWS::Lambda::Function';
const METHOD = 'AWS::ApiGateway::Method';
const PERMISSION = 'AWS::Lambda::Permission';
const EVENTS: RouteProps = { path: '/v1/events', upstream: 'http://events.internal:8080', streaming: true };

function construct(routes: RouteProps[], props: Partial<AccessProxyOptions>, stack = newStack()) {
  const trail = new AuditTrail(stack, 'Trail');
  const access = new AccessProxy(stack, 'Access', { routes, ...props, trail });
  return { access, trail, stack };
}

function build(routes: RouteProps[], props: Partial<AccessProxyOptions> = {}, onto = newStack()) {
  const { access, trail, stack } = construct(routes, props, onto);
  new AuditMonitoring(stack, 'Monitoring', { trail, accessProxies: [access] });
  return { access, template: Template.fromStack(stack) };
}

/** Path of the API and method, e.g. `ANY /orders/{proxy+}`, to what is said of it. */
function methodsOf(template: Template): Map<string, Resource['Properties']> {
  const parts = template.findResources('AWS::ApiGateway::Resource');
  const pathOf = (id: string): string => {
    const part = parts[id]?.Properties;
    return part === undefined ? '' : `${pathOf(part.ParentId.Ref as string)}/${part.PathPart}`;
  };
  const methods = resources(template, METHOD).map(({ Properties }) => {
    const path = pathOf(String(Properties.ResourceId.Ref)) || '/';
    return [`${Properties.HttpMethod} ${path}`, Properties] as const;
  });
  return new Map(methods);
}

/** The same to whether it streams, by all that says so. */
function modesOf(template: Template): Record<string, string> {
  const modes = [...methodsOf(template)].map(([name, { Integration }]) => {
    const { ResponseTransferMode: mode = 'BUFFERED', TimeoutInMillis: timeout } = Integration;
    const [, handler, call] = /functions\/\$\{AccessFunction([A-Za-z]+Handler|Handler)\w{8}\.Arn\}\/([a-z-]+)$/.exec(
      String(flat(Integration.Uri)),
    )!;
    return [name, [mode, timeout / 1000, handler, call].join(' ')] as const;
  });
  return Object.fromEntries(modes);
}

const BUFFERED = 'BUFFERED 29 Handler invocations';
const STREAMED = 'STREAM 900 StreamingHandler response-streaming-invocations';

const { access, template } = build([ROUTE, EVENTS], { assertion: { issuer: 'shop' } });
const buffered = theResource(template, FUNCTION, 'AccessFunctionHandler').Properties;
const streaming = theResource(template, FUNCTION, 'AccessFunctionStreamingHandler').Properties;

describe('the function that streams', () => {
  it('is the proxy function in all but its door, its time limit and its description', () => {
    expect(streaming.Handler).toBe('index.streamingHandler');
    expect(buffered.Handler).toBe('index.handler');
    const own = { Handler: '', Timeout: 0, Description: '' };
    expect({ ...streaming, ...own }).toEqual({ ...buffered, ...own });
    expect(access.streamingHandler?.role).toBe(access.handler.role);
  });

  it('knows all routes, as the other does, and logs where the other does', () => {
    const { routes } = JSON.parse(String(flat(streaming.Environment.Variables.AUDIT_PROXY_SETTINGS)));
    expect(routes.map(({ path }: { path: string }) => path)).toEqual(['/orders', '/v1/events']);
    expect(resources(template, 'AWS::Logs::LogGroup', 'AccessFunction')).toHaveLength(1);
    expect(flat(streaming.LoggingConfig.LogGroup)).toMatch(/^\$\{AccessFunctionLog/);
  });

  it('is there only where a route streams', () => {
    const plain = build([ROUTE]);
    expect(plain.access.streamingHandler).toBeUndefined();
    expect(resources(plain.template, FUNCTION, 'AccessFunction')).toHaveLength(1);
    expect(Object.values(modesOf(plain.template))).toEqual([BUFFERED, BUFFERED]);
  });

  it('shares the security group that the other gets by itself', () => {
    const stack = newStack();
    const { template: inVpc } = build([EVENTS], { vpc: new ec2.Vpc(stack, 'Vpc') }, stack);
    const groups = resources(inVpc, FUNCTION, 'AccessFunction').map(({ Properties }) => flat(Properties.VpcConfig));
    expect(groups).toHaveLength(2);
    expect(groups[1]).toEqual(groups[0]);
    expect(resources(inVpc, 'AWS::EC2::SecurityGroup', 'Access')).toHaveLength(1);
  });
});

describe('time limits', () => {
  const limits = (routes: RouteProps[], props: Partial<AccessProxyOptions> = {}) => {
    const { handler, streamingHandler } = construct(routes, props).access;
    return [handler, streamingHandler].map((one) => one?.timeout?.toSeconds());
  };
  const stream = { ...EVENTS, timeout: Duration.minutes(2) };

  it('leave both functions room to record: that of a stream, and that of a whole answer to a request for one', () => {
    expect([buffered.Timeout, streaming.Timeout]).toEqual([28 + 5, 870 + 5]);
    expect(limits([ROUTE, stream])).toEqual([33, 125]);
    expect(
      limits([
        { ...ROUTE, timeout: Duration.seconds(1) },
        { ...stream, timeout: Duration.seconds(3) },
      ]),
    ).toEqual([8, 8]);
  });

  it('leave room for captured bodies, and are never longer than a function may run', () => {
    const record = { capture: { response: { maxSize: Size.kibibytes(1) } } };
    expect(limits([{ ...stream, record }])).toEqual([35, 127]);
    expect(limits([{ ...EVENTS, record }], { recordingLimit: Duration.seconds(10) })).toEqual([59, 900]);
  });
});

describe('the API', () => {
  it('has paths of their own for routes that stream, and asks IAM for each', () => {
    const { 'GET /.audit-proxy/jwks.json': keys, ...modes } = modesOf(template);
    expect(modes).toEqual({
      'ANY /': BUFFERED,
      'ANY /{proxy+}': BUFFERED,
      'ANY /v1': BUFFERED,
      'ANY /v1/{proxy+}': BUFFERED,
      'ANY /v1/events': STREAMED,
      'ANY /v1/events/{proxy+}': STREAMED,
    });
    expect(keys).toBe(BUFFERED);
    for (const [name, { AuthorizationType }] of methodsOf(template)) {
      expect([name, AuthorizationType]).toEqual([name, name.startsWith('ANY') ? 'AWS_IAM' : 'NONE']);
    }
  });

  it('streams what has no route of its own where "/" does, the keys of assertions too', () => {
    const routes = [ROUTE, { ...EVENTS, path: '/' }];
    expect(modesOf(build(routes, { assertion: { issuer: 'shop' } }).template)).toEqual({
      'ANY /': STREAMED,
      'ANY /{proxy+}': STREAMED,
      'ANY /orders': BUFFERED,
      'ANY /orders/{proxy+}': BUFFERED,
      'GET /.audit-proxy/jwks.json': STREAMED,
    });
  });

  it('is deployed anew when nothing but the way of answering changes', () => {
    const deployment = (route: RouteProps) =>
      idOf(build([route]).template, 'AWS::ApiGateway::Deployment', 'AccessRestApiDeployment');
    expect(deployment({ ...ROUTE, path: '/', streaming: true })).not.toBe(deployment({ ...ROUTE, path: '/' }));
  });

  it('may call both functions, by one permission each however many paths there are, before it has to', () => {
    const routes = Array.from({ length: 40 }, (_, index) => ({ ...EVENTS, path: `/events-${index}` }));
    for (const one of [template, build([ROUTE, ...routes]).template]) {
      const permissions = resources(one, PERMISSION, 'AccessRest').map(({ Properties }) => flat(Properties) as object);
      const arn = expect.stringMatching(/:execute-api:.*:\$\{AccessRestApi\w+\}\/prod\/\*\/\*$/);
      expect(permissions).toEqual(
        ['Handler', 'StreamingHandler'].map((handler) => ({
          Action: 'lambda:InvokeFunction',
          FunctionName: `\${${idOf(one, FUNCTION, `AccessFunction${handler}`)}.Arn}`,
          Principal: 'apigateway.amazonaws.com',
          SourceArn: arn,
        })),
      );
      const { DependsOn } = theResource(one, 'AWS::ApiGateway::Stage');
      expect(DependsOn).toContain(idOf(one, PERMISSION, 'AccessRestPermission'));
      expect(DependsOn).toContain(idOf(one, PERMISSION, 'AccessRestStreamingPermission'));
    }
  });
});

describe('alarms', () => {
  const alarms = resources(template, 'AWS::CloudWatch::Alarm', 'MonitoringProxy0').map(({ Properties }) => Properties);
  const nameOf = ({ AlarmDescription }: Resource['Properties']) => String(AlarmDescription).replace(/:.*/, '');
  const about = (handler: string) =>
    alarms.filter((alarm) => JSON.stringify(flat(alarm)).includes(`\${AccessFunction${handler}`));

  it('watch both functions in the same way', () => {
    const all = ['FunctionErrors', 'FunctionThrottles', 'NearTimeout', 'UpstreamCircuitOpened'];
    expect(about('Handler').map(nameOf).sort()).toEqual(all);
    expect(about('StreamingHandler').map(nameOf).sort()).toEqual(all);
  });

  it('let a stream last as long as its route says', () => {
    const threshold = (handler: string) => about(handler).find((alarm) => nameOf(alarm) === 'NearTimeout')?.Threshold;
    expect(threshold('StreamingHandler')).toBe(872_000);
    expect(threshold('Handler')).toBe(30_000);
  });

  it('tell answers that broke off, which are recorded, from errors; and look back as far as a stream can last', () => {
    const [errors] = about('StreamingHandler').filter((alarm) => nameOf(alarm) === 'FunctionErrors');
    expect(errors).toMatchObject({ Threshold: 1, EvaluationPeriods: 4, DatapointsToAlarm: 1 });
    expect(errors?.Metrics[0].Expression).toBe('2 * errors - SUM([errors, brokenOff])');
    const streamer = `\${${idOf(template, FUNCTION, 'AccessFunctionStreamingHandler')}}`;
    const used = errors?.Metrics.slice(1).map(({ MetricStat }: { MetricStat: { Metric: object; Stat: string } }) => [
      flat(MetricStat.Metric),
      MetricStat.Stat,
    ]);
    expect(used).toEqual([
      [
        { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: streamer }] },
        'Sum',
      ],
      [
        {
          Namespace: 'cdk-audit-proxy',
          MetricName: 'AnswersBrokenOff',
          Dimensions: [{ Name: 'function', Value: streamer }],
        },
        'Sum',
      ],
    ]);
  });

  it('count events of the last resort of both, on their one log', () => {
    expect(resources(template, 'AWS::Logs::MetricFilter', 'MonitoringLastResort')).toHaveLength(1);
  });

  it('stand on the dashboard, with how many answers are streamed at once', () => {
    const body = String(flat(theResource(template, 'AWS::CloudWatch::Dashboard').Properties.DashboardBody));
    const { widgets } = JSON.parse(body) as { widgets: { properties: { title: string; metrics?: string[][] } }[] };
    const [atOnce] = widgets.filter(({ properties }) => properties.title.startsWith('Streamed answers at once'));
    expect(atOnce?.properties.metrics?.[0]).toEqual(
      expect.arrayContaining([
        'ConcurrentExecutions',
        expect.stringMatching(/^\$\{AccessFunctionStreamingHandler/),
        expect.objectContaining({ stat: 'Maximum' }),
      ]),
    );
  });
});

it('is clean by cdk-nag AwsSolutions', () => {
  const app = new App();
  build([ROUTE, EVENTS], { assertion: { issuer: 'shop' } }, new Stack(app, 'ShopAudit'));
  expect(new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName)).toEqual([]);
});

describe('routes that cannot stream', () => {
  it('are refused in an HTTP API, each', () => {
    expect(() => build([ROUTE, EVENTS, { ...EVENTS, path: '/b' }], { apiType: ApiType.HTTP })).toThrow(
      /Access: routes\[1\]\.streaming: must go with ApiType\.REST, .*\n.*Access: routes\[2\]\.streaming: must go with/,
    );
  });

  it('are refused where a stack could not hold their paths, and told how they can', () => {
    const routes = Array.from({ length: 125 }, (_, index) => ({ ...EVENTS, path: `/events-${index}` }));
    expect(() => build(routes)).toThrow('Access: routes: must need at most 125 paths of the API');
    expect(() => build(routes)).toThrow('got 126');
    const below = routes.map((route) => ({ ...route, path: `/stream${route.path}` }));
    expect(() => build([...below, { ...EVENTS, path: '/stream' }])).not.toThrow();
  });

  it('are refused with a time limit that API Gateway cuts off', () => {
    expect(() => build([{ ...EVENTS, timeout: Duration.minutes(15) }])).toThrow(
      'Access: routes[0].timeout: must be from 1 ms to 870 s',
    );
  });
});

import { Duration, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AuditTrail, Guarantee, OnUnrecorded, type AuditProxyProps } from '../../lib';
import { GUARANTEES } from '../../lib/event/vocabulary';
import { ON_UNRECORDED } from '../../lib/routing/route';
import { flat, idOf, newStack, resources, ROUTE, roleStatements, settingsOf, synthProxy, theResource } from './support';

const synth = (props: Partial<AuditProxyProps>) => synthProxy({ monitoring: false, ...props }).template;
const settings = (props: Partial<AuditProxyProps>) => settingsOf(synth(props), 'ProxyAccessFunction');

describe('the guarantees', () => {
  it('that can be chosen are those that the function knows', () => {
    expect(Object.values(Guarantee)).toEqual(GUARANTEES);
    expect(Object.values(OnUnrecorded)).toEqual(ON_UNRECORDED);
  });

  it('reach the function with what goes with each', () => {
    const { routes } = settings({
      routes: [
        { ...ROUTE, path: '/a', guarantee: Guarantee.BEFORE_FORWARD },
        { ...ROUTE, path: '/b', guarantee: Guarantee.BEFORE_RESPONSE, onUnrecorded: OnUnrecorded.REFUSE },
        { ...ROUTE, path: '/c', guarantee: Guarantee.AFTER_RESPONSE },
        { ...ROUTE, path: '/d' },
      ],
    });
    expect(routes.map(({ guarantee, onUnrecorded }) => [guarantee, onUnrecorded])).toEqual([
      ['BEFORE_FORWARD', 'refuse'],
      ['BEFORE_RESPONSE', 'refuse'],
      ['AFTER_RESPONSE', 'answer'],
      ['BEFORE_RESPONSE', 'answer'],
    ]);
  });

  it.each([
    [Guarantee.BEFORE_FORWARD, OnUnrecorded.ANSWER, 'must be "refuse", the only one that goes with BEFORE_FORWARD'],
    [Guarantee.AFTER_RESPONSE, OnUnrecorded.REFUSE, 'must be "answer", the only one that goes with AFTER_RESPONSE'],
  ])('%s does not go with %s', (guarantee, onUnrecorded, message) => {
    expect(() => synth({ routes: [{ ...ROUTE, guarantee, onUnrecorded }] })).toThrow(
      `Access: routes[0].onUnrecorded: ${message}; got "${onUnrecorded}"`,
    );
  });
});

describe('hedge delay and recording limit', () => {
  it('reach the function', () => {
    expect(settings({ hedgeDelay: Duration.millis(10), recordingLimit: Duration.seconds(10) })).toMatchObject({
      hedgeDelayMs: 10,
      recordingLimitMs: 10_000,
    });
    expect(settings({ recordingLimit: Duration.millis(100) })).toMatchObject({ hedgeDelayMs: 50 });
  });

  it('leave the function the time to record before and after the slowest route', () => {
    const template = synth({ recordingLimit: Duration.millis(9_001) });
    expect(theResource(template, 'AWS::Lambda::Function', 'ProxyAccessFunction').Properties.Timeout).toBe(45);
  });

  it.each<[Partial<AuditProxyProps>, string]>([
    [{ hedgeDelay: Duration.millis(9) }, 'hedgeDelay: must be from 10 ms to the limit of recording, 2000 ms; got 9 ms'],
    [
      { hedgeDelay: Duration.seconds(3) },
      'hedgeDelay: must be from 10 ms to the limit of recording, 2000 ms; got 3000',
    ],
    [{ recordingLimit: Duration.millis(99) }, 'recordingLimit: must be from 100 ms to 10 s; got 99 ms'],
    [{ recordingLimit: Duration.seconds(11) }, 'recordingLimit: must be from 100 ms to 10 s; got 11000 ms'],
    [
      { recordingLimit: Duration.seconds(Token.asNumber({ Ref: 'Limit' })) },
      'recordingLimit: must be known at synthesis; got a token',
    ],
    [
      { hedgeDelay: Duration.millis(Token.asNumber({ Ref: 'Delay' })) },
      'hedgeDelay: must be known at synthesis; got a token',
    ],
  ])('%# are refused', (props, message) => {
    expect(() => synth(props)).toThrow(`Access: ${message}`);
  });
});

describe('the delivery streams', () => {
  const STREAM = 'AWS::KinesisFirehose::DeliveryStream';
  const one = synth({});
  const three = synth({ deliveryStreamCount: 3 });

  it('are as many as are asked for, alike, and the function knows and may use all', () => {
    const streams = resources(three, STREAM, 'ProxyTrailEvents');
    expect(streams).toHaveLength(3);
    const alike = streams.map(({ Properties: { ExtendedS3DestinationConfiguration: destination, ...others } }) =>
      // Each has a log stream of its own.
      JSON.stringify({ ...others, ...destination, CloudWatchLoggingOptions: undefined }),
    );
    expect(new Set(alike).size).toBe(1);

    const ids = [0, 1, 2].map((index) => idOf(three, STREAM, `ProxyTrailEvents${index}`));
    expect(settingsOf(three, 'ProxyAccessFunction').deliveryStreams).toEqual(ids.map((id) => `\${${id}}`));
    const [record] = roleStatements(theResource(three, 'AWS::IAM::Role', 'ProxyAccessFunction'));
    expect(record?.Resource).toEqual(ids.map((id) => `\${${id}.Arn}`));
  });

  it('stay what they are when there are more', () => {
    const first = (template: Template) => ({
      id: idOf(template, STREAM, 'ProxyTrailEvents0'),
      resource: theResource(template, STREAM, 'ProxyTrailEvents0'),
    });
    expect(first(three)).toEqual(first(one));
  });

  it('deliver by one role', () => {
    expect(resources(three, 'AWS::IAM::Role', 'ProxyTrailDelivery')).toHaveLength(1);
    const roles = resources(three, STREAM, 'ProxyTrailEvents').map(({ Properties }) =>
      flat(Properties.ExtendedS3DestinationConfiguration.RoleARN),
    );
    expect(new Set(roles).size).toBe(1);
  });

  it.each([0, 51, 1.5, -1, NaN])('cannot be %s', (deliveryStreamCount) => {
    expect(() => new AuditTrail(newStack(), 'Trail', { deliveryStreamCount })).toThrow(
      `Trail: deliveryStreamCount: must be a whole number from 1 to 50; got ${deliveryStreamCount}`,
    );
  });

  it('have names that count in the size of the settings, though they are not known yet', () => {
    const routes = Array.from({ length: 6 }, (_, index) => ({ ...ROUTE, path: `/route-${index}` }));
    const variables = (deliveryStreamCount: number) => {
      const template = synth({ routes, deliveryStreamCount });
      return Object.keys(
        theResource(template, 'AWS::Lambda::Function', 'ProxyAccessFunction').Properties.Environment.Variables,
      );
    };
    expect(variables(2)).toEqual(['AUDIT_PROXY_SETTINGS']);
    expect(variables(50)).toContain('AUDIT_PROXY_SETTINGS_FILE');
  });
});

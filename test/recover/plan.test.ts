import { describe, expect, it } from 'vitest';
import { planOf, type RecoverOptions } from '../../bin/recover/plan';
import { RecoveryError } from '../../bin/recover/recovery';

const NOW = Date.UTC(2026, 10, 24, 12);
const plan = (files: string[], options: Partial<RecoverOptions> = {}) =>
  planOf(files, { local: '.audit', localGiven: false, ...options }, NOW);

describe('what a command line asks for', () => {
  it.each([
    [
      'files into the local trail',
      ['a.log', '-'],
      {},
      { kind: 'files', files: ['a.log', '-'] },
      { kind: 'local', dir: '.audit' },
    ],
    [
      'a log group into another local trail',
      [],
      { logGroup: '/aws/lambda/p', since: '2h', until: '2026-11-24T11:00Z', local: 'd', localGiven: true, region: 'r' },
      {
        kind: 'log group',
        logGroup: '/aws/lambda/p',
        since: NOW - 7_200_000,
        until: Date.UTC(2026, 10, 24, 11, 0, 59, 999),
      },
      { kind: 'local', dir: 'd' },
    ],
    [
      'a whole log group',
      [],
      { logGroup: 'g' },
      { kind: 'log group', logGroup: 'g' },
      { kind: 'local', dir: '.audit' },
    ],
    [
      'files into streams, each once',
      ['a.log'],
      { stream: ['s', 't', 's'], bucket: 'b' },
      { kind: 'files', files: ['a.log'] },
      { kind: 'streams', streams: ['s', 't'], bucket: 'b' },
    ],
    [
      'local errors into the local trail they lie in',
      [],
      { errors: true, local: 'd', localGiven: true },
      { kind: 'local errors', dir: 'd', prefix: 'errors/' },
      { kind: 'local', dir: 'd' },
    ],
    [
      'errors of a bucket into a stream',
      [],
      { errors: true, bucket: 'b', prefix: 'errors/x/', stream: ['s'] },
      { kind: 'bucket errors', bucket: 'b', prefix: 'errors/x/' },
      { kind: 'streams', streams: ['s'], bucket: 'b' },
    ],
  ])('can be %s', (_, files, options, source, destination) => {
    expect(plan(files, options)).toEqual({ source, destination });
  });

  it.each<[string, string[], Partial<RecoverOptions>]>([
    ['what shall be recovered? Name log files, --log-group, or --errors', [], {}],
    ['only one of them', ['a.log'], { errors: true }],
    ['only one of them', ['a.log'], { logGroup: 'g' }],
    ['- can be named once only', ['-', '-'], {}],
    ['--since and --until go with --log-group', ['a.log'], { since: '2h' }],
    ['--since and --until go with --log-group', [], { errors: true, until: '2h' }],
    ['--since "yesterday" is no time', [], { logGroup: 'g', since: 'yesterday' }],
    ['--since "1h" is after --until "2h"', [], { logGroup: 'g', since: '1h', until: '2h' }],
    ['not to both', ['a.log'], { stream: ['s'], localGiven: true }],
    ['--errors with --stream needs --bucket', [], { errors: true, stream: ['s'] }],
    ['--bucket needs --stream', ['a.log'], { bucket: 'b' }],
    ['--bucket needs --stream', [], { errors: true, bucket: 'b' }],
    ['--prefix goes with --errors', ['a.log'], { prefix: 'errors/' }],
    ['--prefix "events/" must begin with errors/', [], { errors: true, prefix: 'events/' }],
    ['--region goes with --log-group or --stream', ['a.log'], { region: 'eu-west-1' }],
  ])('is refused with: %s', (message, files, options) => {
    expect(() => plan(files, options)).toThrow(RecoveryError);
    expect(() => plan(files, options)).toThrow(message);
  });
});

import { expect, it } from 'vitest';
import { hidesSecret } from '../../../lib/event/privacy/hidden-secrets';
import { redactJson } from '../../../lib/event/privacy/redact-json';
import { redactPath } from '../../../lib/event/privacy/redact-path';
import { redactQuery } from '../../../lib/event/privacy/redact-query';
import { redactUrl } from '../../../lib/event/privacy/redact-url';
import { isSecretName } from '../../../lib/event/privacy/secret-names';

/** What a rule might stumble over: beginnings of what it looks for, again and again. */
const HOSTILE = [
  'eyJ', 'eyJaaaaaa.', '://:', 'a', 'aA', 'a-', 'a_1', '1 ', '4', 'a ', ' ', 'a:', 'a.', '.', '://a:', '//a:', '\\\\a:', '@http:',
  'http:', 'a= ', 'a"', '"a",', '"a', 'a=', 'n=password&', 'Bearer ', 'sk_', 'SG.', 'AKIA', 'aA1/', '[.-]', ':', '@', ':a', '/', '//',
  ';', '%3b', '&', '=', '?', '%25', 'token', 'token/', '-otp', '<a ', '<', '\\', '\\u0061', '&#97;', '&', 'YWFhYWFh', 'aaaaaaaa/', 'ä',
  '\u0301', '01ABCDEF', 'v1/', 'aB', 'auth/',
]; // prettier-ignore
const RULES = { pointers: [], pseudonym: (value: string) => value };
const redactors: Readonly<Record<string, (text: string) => unknown>> = {
  hidesSecret,
  isSecretName,
  redactPath: (text) => redactPath(`/${text}`),
  redactQuery: (text) => redactQuery(text),
  redactUrl: (text) => redactUrl(`/${text}`),
  redactJson: (text) => redactJson(JSON.stringify([text]), RULES),
};

it.each(Object.entries(redactors))('%s takes time by the length of what a caller sends, not by its square', (_, redact) => {
  const leastTime = (text: string, runs: number): number => {
    const times = Array.from({ length: runs }, () => {
      // Processor time: a busy machine is no fault.
      const before = process.cpuUsage();
      redact(text);
      return process.cpuUsage(before).user;
    });
    return Math.min(...times);
  };
  for (const part of HOSTILE) {
    const [short, long] = [500, 4_000].map((length) => part.repeat(length / part.length));
    redact(short!);
    // Eight times the length: a linear rule takes 8 times as long, a quadratic one 64 times. Noise is below a millisecond.
    const limit = () => 30 * Math.max(leastTime(short!, 3), 300);
    const isLinear = [1, 4, 16].some((runs) => leastTime(long!, runs) < limit());
    expect(isLinear, `of ${JSON.stringify(part)}`).toBe(true);
  }
}); // prettier-ignore

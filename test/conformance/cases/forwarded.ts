import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { Case, Expectation } from '../case';

function forwardedCase(
  name: string,
  headers: readonly HeaderPair[],
  expect: Expectation = {},
  on: Case['on'] = {},
): Case {
  return { name: `forwarded: ${name}`, sends: { headers }, expect: { drops: headers.map(([header]) => header.toLowerCase()), ...expect }, on }; // prettier-ignore
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const continued = (flags: string) => new RegExp(`^00-${TRACE}-(?!${SPAN})[0-9a-f]{16}-${flags}$`);
const started = new RegExp(`^00-(?!${TRACE})[0-9a-f]{32}-[0-9a-f]{16}-00$`);

export const forwarded: readonly Case[] = [
  forwardedCase('the caller’s address is told', []),
  forwardedCase('the caller’s claim stays in front of the address that the edge saw', [['X-Forwarded-For', '10.1.1.1']], { tells: { 'x-forwarded-for': '10.1.1.1, {ip}' } }), // prettier-ignore
  forwardedCase('a list of claims stays in order', [['X-Forwarded-For', '10.1.1.1,10.2.2.2 , unknown']], { tells: { 'x-forwarded-for': '10.1.1.1, 10.2.2.2, unknown, {ip}' } }), // prettier-ignore
  forwardedCase('a claim with characters of no address is passed on as a claim', [['X-Forwarded-For', '"_hidden"']], { tells: { 'x-forwarded-for': '"_hidden", {ip}' } }), // prettier-ignore
  forwardedCase('an empty X-Forwarded-For', [['X-Forwarded-For', '']]),
  forwardedCase('X-Forwarded-Proto of the caller', [['X-Forwarded-Proto', 'gopher']]),
  forwardedCase('X-Forwarded-Port of the caller', [['X-Forwarded-Port', '1']]),
  forwardedCase('X-Forwarded-Host of the caller', [['X-Forwarded-Host', 'evil.example']]),
  forwardedCase('X-Forwarded-Prefix, -Server, -User, -Groups of the caller', [['X-Forwarded-Prefix', '/admin'], ['X-Forwarded-Server', 'x'], ['X-Forwarded-User', 'root'], ['X-Forwarded-Groups', 'admins']]), // prettier-ignore
  forwardedCase('X-Forwarded alone', [['X-Forwarded', 'for=10.1.1.1']]),
  forwardedCase('Forwarded of the caller', [['Forwarded', 'for=10.1.1.1;host=evil.example;proto=https']]),
  {
    name: 'forwarded: Via of the caller stays in front of ours',
    sends: { headers: [['Via', '1.0 fred']] },
    expect: { tells: { via: ['1.0 fred', '1.1 cdk-audit-proxy'] } },
  },
  forwardedCase('traceparent is continued with a span of the proxy’s own', [['traceparent', `00-${TRACE}-${SPAN}-01`]], { tells: { traceparent: continued('01') } }), // prettier-ignore
  forwardedCase('traceparent that is not sampled stays so', [['traceparent', `00-${TRACE}-${SPAN}-00`]], { tells: { traceparent: continued('00') } }), // prettier-ignore
  forwardedCase('traceparent of a later version goes on as ours', [['traceparent', `cc-${TRACE}-${SPAN}-01-what-comes`]], { tells: { traceparent: continued('01') } }), // prettier-ignore
  forwardedCase('traceparent of version ff is none', [['traceparent', `ff-${TRACE}-${SPAN}-01`]], { tells: { traceparent: started } }), // prettier-ignore
  forwardedCase('traceparent of zeros is none', [['traceparent', `00-${'0'.repeat(32)}-${SPAN}-01`]], { tells: { traceparent: started } }), // prettier-ignore
  forwardedCase('traceparent in upper case is none', [['traceparent', `00-${TRACE.toUpperCase()}-${SPAN}-01`]], { tells: { traceparent: started } }), // prettier-ignore
  forwardedCase('traceparent with something behind it is none', [['traceparent', `00-${TRACE}-${SPAN}-01-x`]], { tells: { traceparent: started } }), // prettier-ignore
  forwardedCase('two traceparents are none', [['traceparent', `00-${TRACE}-${SPAN}-01`], ['traceparent', `00-${TRACE}-${SPAN}-01`]], { tells: { traceparent: started } }), // prettier-ignore
  { name: 'forwarded: tracestate goes on with its traceparent', sends: { headers: [['traceparent', `00-${TRACE}-${SPAN}-01`], ['tracestate', 'a=1,b=2']] }, expect: { tells: { traceparent: continued('01') } } }, // prettier-ignore
  forwardedCase('tracestate without a traceparent is dropped', [['tracestate', 'a=1']]),
  { name: 'forwarded: baggage is the services’ own', sends: { headers: [['baggage', 'userId=7']] } },
  { name: 'forwarded: Max-Forwards', sends: { headers: [['Max-Forwards', '3']] }, on: { rest: { drops: ['max-forwards'] } } }, // prettier-ignore
];

import type { Case } from '../case';

/**
 * A query that goes byte for byte where the edge gives it as it came.
 *
 * @param rest its form behind a REST API, which decodes it
 */
function query(text: string, rest = text): Case {
  const target = (form: string) => ({ target: form === '' ? '/orders/7' : `/orders/7?${form}` });
  return {
    name: `query ${text.slice(0, 60)}`,
    sends: { query: text },
    on: { rest: target(rest), http: target(text) },
  };
}

export const queries: readonly Case[] = [
  query('a=1'),
  query('a=1&b=2'),
  query('a=1&a=2&a=1'),
  query('a=1&b=2&a=3', 'a=1&a=3&b=2'),
  query('a', 'a='),
  query('a='),
  query('=b'),
  query('a&b=&c=1', 'a=&b=&c=1'),
  query('a==b', 'a=%3Db'),
  query('a=b%3Dc'),
  query('q=a%20b'),
  query('q=a+b', 'q=a%20b'),
  query('q=a%2Bb'),
  query('q=%26%3D%23%3F'),
  query('q=%2f', 'q=%2F'),
  query('q=/?:@', 'q=%2F%3F%3A%40'),
  query('q=%C3%A9&%E2%82%AC=1'),
  query('q=%F0%9F%8E%89'),
  query('q=%00'),
  query('q=a%0D%0Ab'),
  query('q=%2525'),
  query('filter%5Bname%5D=x&filter%5B%5D=y'),
  query('a;b=1', 'a=&b=1'),
  query("q=!$'()*,~._-", 'q=%21%24%27%28%29%2A%2C~._-'),
  query('__proto__=1&constructor=2'),
  query('1=a&2=b'),
  query('b=1&10=x&2=y&01=z', '2=y&10=x&b=1&01=z'),
  query(`q=${'x'.repeat(3_000)}`),
  {
    name: 'query %ff: no event of a REST API can hold it',
    sends: { query: 'q=%ff' },
    on: {
      'rest-event': 'what a REST API makes of bytes that are not UTF-8 is documented nowhere, so that we have no event for them',
      'http-event': 'the local builder refuses it too, since the map of decoded parameters cannot hold it',
      gateway: { edge: 400 },
    },
  }, // prettier-ignore
  {
    name: 'query with a raw brace: REST APIs want it encoded',
    sends: { query: 'q={a}' },
    on: { 'rest-event': 'a REST API refuses it before there is an event', 'rest-gateway': { edge: 400 } },
  },
];

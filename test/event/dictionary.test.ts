import { readFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { dataDictionary } from '../../lib/event/dictionary';

const FILE = path.join(__dirname, '../../docs/data-dictionary.md');

it('docs/data-dictionary.md says what the schema says', () => {
  const same = readFileSync(FILE, 'utf8') === dataDictionary();
  expect(same, 'docs/data-dictionary.md is not what the schema says: run `npm run docs:dictionary`').toBe(true);
});

it('tells of each leaf what it means, where it comes from and when it is there', () => {
  const row = (name: string) =>
    dataDictionary()
      .split('\n')
      .find((line) => line.startsWith(`| \`${name}\` `))
      ?.split(/ *\| */)
      .slice(1, -1);

  expect(row('unmapped.phase')).toEqual([
    '`unmapped.phase`',
    'string',
    'Which event of a request this is. One of `attempt`, `outcome`, `closing`.',
    '',
    'always',
  ]);
  expect(row('actor.user.groups[].name')?.at(-1)).toBe('');
  expect(row('http_request.http_headers[].value')?.at(-1)).toBe('with `http_request.http_headers`');
  expect(row('http_request.url.path')?.at(-1)).toBe('with `http_request`');
  expect(row('attestation_list[].prev_event.uid')?.at(-1)).toBe('with `attestation_list[].prev_event`');
  expect(row('status_id')?.[2]).toContain('0 Unknown, 1 Success, 2 Failure');
  expect(row('src_endpoint.ip')?.[3]).toBe('identity.sourceIp');
});

it('comes in the repo’s own format', async () => {
  expect(await format(dataDictionary(), { parser: 'markdown', printWidth: 120 })).toBe(dataDictionary());
});

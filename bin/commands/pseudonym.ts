import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { Pseudonyms } from '../../lib/event/privacy/pseudonym';
import { pseudonymKeyFile } from '../local/pseudonym-key';
import { localOption, type LocalOption } from './local-trail';

const HELP = `
Routes can record pseudonyms in place of values ("pseudonymize" in the config): the same for the same value, by a key of the
trail. This prints that of a value, and on standard error a query that finds it.

The key of a local trail lies in its folder, keys/pseudonym.key. That of a deployed one is in Secrets Manager, under the ARN
that the stack has as its output PseudonymKeyArn; only roles named by trail.grantReadPseudonymKey can read it.

VALUE as a service reads it: percent-decoded, a header without white space around it, a string of JSON without quotes.
Case counts.

Exit codes:
  0  printed
  2  there is no key, or it cannot be read

Examples:
  $ audit-proxy pseudonym alice@example.com
  $ audit-proxy pseudonym - < value.txt
  $ aws secretsmanager get-secret-value --secret-id "$ARN" --query SecretString --output text |
      audit-proxy pseudonym alice@example.com --key -`;

interface Options extends LocalOption {
  readonly key?: string;
}

export function pseudonymCommand(): Command {
  return new Command('pseudonym')
    .description('tell the pseudonym that stands in the log for a value, to search by it')
    .argument('<value>', 'the value, or - to read it from standard input')
    .option('--key <file>', 'file with the key; - for standard input (default: that of the local trail)')
    .addOption(localOption())
    .addHelpText('after', HELP)
    .action(async (value: string, { key, local }: Options) => {
      if (value === '-' && key === '-') throw new Error('value and key cannot both come from standard input');
      const pseudonyms = new Pseudonyms(await keyText(key ?? pseudonymKeyFile(local)));
      const pseudonym = pseudonyms.of(value === '-' ? withoutLineBreak(await text(process.stdin)) : value);
      process.stdout.write(`${pseudonym}\n`);
      process.stderr.write(`\nfind it:\n${searchStatement(pseudonym)}\n`);
    });
}

/**
 * Finds requests by a pseudonym, wherever a route may have put it but in large bodies, in the words of DuckDB.
 *
 * @param pseudonym holds no character that means anything in SQL
 */
export function searchStatement(pseudonym: string): string {
  return `audit-proxy sql "SELECT metadata.correlation_uid, api.operation, http_request.url.path, status_code
  FROM audit_events_raw
  WHERE unmapped.phase = 'outcome' AND (
    strpos(http_request.url.query_string, '${pseudonym}') > 0
    OR list_contains(list_transform(http_request.http_headers, lambda h: h.value), '${pseudonym}')
    OR list_contains(list_transform(http_response.http_headers, lambda h: h.value), '${pseudonym}')
    OR strpos(unmapped.request_body.content, '${pseudonym}') > 0
    OR strpos(unmapped.response_body.content, '${pseudonym}') > 0)"`;
}

async function keyText(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hint =
      code === 'ENOENT'
        ? 'no such file; a local trail gets its key once a route has pseudonyms, --key takes that of a deployed one'
        : String(code);
    throw new Error(`${file}: ${hint}`, { cause: error });
  }
}

function withoutLineBreak(value: string): string {
  return value.replace(/\r?\n$/, '');
}

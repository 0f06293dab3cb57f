import { describe, expect, it } from 'vitest';
import { Athena } from '../../bin/aws/athena';

/** Athena with one statement, which is in these states one after the other. */
function athena(states: readonly string[], reason?: string) {
  const left = [...states];
  const sent: Record<string, unknown>[] = [];
  const send = (command: { readonly constructor: { readonly name: string }; readonly input: object }) => {
    const { name } = command.constructor;
    sent.push({ name, ...command.input });
    if (name === 'StartQueryExecutionCommand') return Promise.resolve({ QueryExecutionId: 'query-1' });
    if (name === 'GetQueryExecutionCommand') {
      return Promise.resolve({ QueryExecution: { Status: { State: left.shift(), StateChangeReason: reason } } });
    }
    const row = (...values: string[]) => ({ Data: values.map((VarCharValue) => ({ VarCharValue })) });
    return Promise.resolve({ ResultSet: { Rows: [row('events', 'edge'), row('2', '1')] } });
  };
  return { sent, client: new Athena({ send } as never, 'workgroup', 'database', () => Promise.resolve()) };
}

describe('a statement', () => {
  it('is waited for, and gives its first row', async () => {
    const { client, sent } = athena(['QUEUED', 'RUNNING', 'SUCCEEDED']);
    expect(await client.firstRow('SELECT ?', ['a'])).toEqual(['2', '1']);
    expect(sent.map(({ name }) => name)).toEqual([
      'StartQueryExecutionCommand',
      ...Array.from({ length: 3 }, () => 'GetQueryExecutionCommand'),
      'GetQueryResultsCommand',
    ]);
  });

  it('gets its values as literals that nothing breaks out of', async () => {
    const { client, sent } = athena(['SUCCEEDED']);
    await client.firstRow('SELECT ?', ["' OR 1=1 --"]);
    expect(sent[0]).toMatchObject({
      WorkGroup: 'workgroup',
      QueryExecutionContext: { Database: 'database' },
      QueryString: 'SELECT ?',
      ExecutionParameters: ["''' OR 1=1 --'"],
    });
  });

  it.each(['FAILED', 'CANCELLED'])('that ends as %s is told in Athena’s words', async (state) => {
    const { client } = athena(['RUNNING', state], 'TABLE_NOT_FOUND: audit_events');
    await expect(client.firstRow('SELECT 1', [])).rejects.toThrow('workgroup workgroup: TABLE_NOT_FOUND: audit_events');
  });
});

import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientOptions } from './client-options';
import { ServiceError, serviceError } from './service-error';

const POLL_MS = 1_000;

/** Runs statements in a workgroup, which says where results go and how much may be scanned. */
export class Athena {
  constructor(
    private readonly client: Pick<AthenaClient, 'send'>,
    private readonly workgroup: string,
    private readonly database: string,
    private readonly pause: () => Promise<unknown> = () => sleep(POLL_MS),
  ) {}

  static of(workgroup: string, database: string, options: ClientOptions): Athena {
    return new Athena(new AthenaClient(options), workgroup, database);
  }

  /**
   * The first row of a statement.
   *
   * @param parameters values for the `?`, in order
   * @throws ServiceError with Athena's own words if the statement fails
   * @see https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
   */
  async firstRow(sql: string, parameters: readonly string[]): Promise<readonly string[]> {
    const start = new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: this.workgroup,
      QueryExecutionContext: { Database: this.database },
      // Parameters are literals of SQL.
      ExecutionParameters: parameters.map((value) => `'${value.replaceAll("'", "''")}'`),
    });
    const { QueryExecutionId } = await this.client.send(start).catch(this.failed('athena:StartQueryExecution'));
    await this.ended(QueryExecutionId!);
    // The first row holds the names of the columns.
    const results = new GetQueryResultsCommand({ QueryExecutionId, MaxResults: 2 });
    const { ResultSet } = await this.client.send(results).catch(this.failed('athena:GetQueryResults'));
    return (ResultSet?.Rows?.[1]?.Data ?? []).map(({ VarCharValue }) => VarCharValue ?? '');
  }

  private async ended(id: string): Promise<void> {
    for (;;) {
      const command = new GetQueryExecutionCommand({ QueryExecutionId: id });
      const { QueryExecution } = await this.client.send(command).catch(this.failed('athena:GetQueryExecution'));
      const { State = 'FAILED', StateChangeReason } = QueryExecution?.Status ?? {};
      if (State === 'SUCCEEDED') return;
      if (State === 'FAILED' || State === 'CANCELLED') {
        throw new ServiceError(`workgroup ${this.workgroup}: ${StateChangeReason ?? State}`, State, false);
      }
      await this.pause();
    }
  }

  private failed(action: string) {
    return serviceError(`workgroup ${this.workgroup}`, action);
  }
}

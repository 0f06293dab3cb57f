import { failed, type CheckName, type CheckResult } from './check';

/** Errors that say something of AWS or of the engine, and nothing of this program. */
const OF_THE_SERVICES = ['ServiceError', 'QueryError'];

/** A check that a service refuses to let us make has failed, and the others still tell what they can. */
export async function told(name: CheckName, check: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof Error) || !OF_THE_SERVICES.includes(error.name)) throw error;
    return failed(name, error.message, 'this could not be checked: run it as somebody who may do what was refused');
  }
}

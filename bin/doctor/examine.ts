import { proveEvent } from '../evidence/prove';
import { partitionOf } from '../../lib/event/keys';
import { CHECKS, failed, notChecked, ok, type CheckName, type CheckResult } from './check';
import type { Answered } from './canary';
import { CanarySearch, type FoundCanary } from './find-canary';
import type { DoctoredTrail } from './doctored-trail';
import { lockChecks } from './lock-checks';
import { told } from './told';
import { patiently, type Patience } from './patient';

export interface Examination {
  readonly trail: DoctoredTrail;
  /** Sends the canary. @throws Error if nothing answers */
  readonly send: () => Promise<Answered>;
  readonly patience: Patience;
}

/**
 * Sends a canary through a trail and checks that all is true of it that is promised of every event.
 *
 * @returns every check, in the order of `CHECKS`
 * @throws Error if it cannot be done at all: nothing answers, or AWS refuses to tell
 */
export async function examine({ trail, send, patience }: Examination): Promise<CheckResult[]> {
  const answered = await send();
  const { requestId, status } = answered;
  if (requestId === undefined) return whole([failed('request', ...unanswered(status))]);
  const results = [ok('request', `answered with ${status}, request id ${requestId}`)];

  const search = new CanarySearch(trail, { ...answered, requestId });
  const found = await patiently(patience, 'its event to be delivered', () => search.look());
  if (found === undefined) return whole([...results, failed('arrival', ...NOT_ARRIVED)]);
  results.push(ok('arrival', `${found.version.key} after ${seconds(found.version.since - answered.sentAt)}`));

  const counts = () => trail.count(requestId, partitionOf(answered.sentAt));
  results.push(
    await told('query', async () =>
      (await patiently(patience, 'tables', async () => (await counts()).events > 0 || undefined))
        ? ok('query', 'audit_events has it')
        : failed('query', 'audit_events does not have it', 'deploy again: table, view or partitions were changed'),
    ),
    ...(await lockChecks(trail.locks, found.version, patience.now())),
    await told('seal', () => sealCheck(trail, found, patience)),
    // Last, since the edge log comes by a stream of its own, and API Gateway promises no line of each request.
    await told('edge_log', async () =>
      (await patiently(patience, 'the edge log', async () => (await counts()).edge > 0 || undefined))
        ? ok('edge_log', 'edge_requests has it')
        : failed('edge_log', ...NOT_AT_THE_EDGE),
    ),
  );
  return whole(results);
}

/** In order, with what was not come to. */
function whole(results: readonly CheckResult[]): CheckResult[] {
  return (Object.keys(CHECKS) as CheckName[]).map(
    (name) => results.find((result) => result.name === name) ?? notChecked(name, 'an earlier check failed'),
  );
}

function unanswered(status: number): [detail: string, advice: string] {
  const detail = `answered with ${status} and without x-request-id: the proxy function did not answer`;
  if (status !== 401 && status !== 403)
    return [detail, 'look at the view not_invoked_requests, and at the log of the function'];
  return [detail, 'the API did not let the canary in: sign in as somebody who may call it (execute-api:Invoke), or give a token with --header "Authorization: Bearer …"']; // prettier-ignore
}

const NOT_ARRIVED: [detail: string, advice: string] = [
  'no object of the trail has its event',
  'delivery takes one to two minutes: give more with --timeout. Else look at errors/ in the bucket, at the log of the delivery streams, and for audit_proxy_last_resort in the log of the function',
];

const NOT_AT_THE_EDGE: [detail: string, advice: string] = [
  'edge_requests does not have it',
  'give more with --timeout; else look at its stream and at the access log settings of the API: without the edge log, missing events cannot be told',
];

async function sealCheck(trail: DoctoredTrail, { event }: FoundCanary, patience: Patience): Promise<CheckResult> {
  if (trail.key === undefined) return notChecked('seal', 'no key is known: give the one of the ledger with --key');
  let why = '';
  const proof = await patiently(patience, 'its object to be sealed', async () => {
    try {
      return await proveEvent(event, { source: trail.source, key: trail.key });
    } catch (error) {
      if (!isAboutTheLedger(error)) throw error;
      why = error.message;
      return undefined;
    }
  });
  if (proof === undefined) return failed('seal', why, 'look at the alarm SealLag and at the log of the sealer');
  return ok('seal', `leaf ${proof.leafIndex} of ${proof.checkpoint.size}, signed by ${proof.checkpoint.origin}`);
}

function isAboutTheLedger(error: unknown): error is Error {
  return error instanceof Error && ['EvidenceUnavailable', 'LedgerError'].includes(error.name);
}

function seconds(milliseconds: number): string {
  return `${Math.max(0, Math.round(milliseconds / 1000))} s`;
}

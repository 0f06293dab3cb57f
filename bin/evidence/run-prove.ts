import type { Partition } from '../../lib/event/keys';
import { bucketTrail, type BucketOptions } from '../commands/bucket-trail';
import type { LocalOption } from '../commands/local-trail';
import { screenOf, visible } from '../commands/output/table';
import { progressOn } from '../recover/progress';
import { refuseExisting, writeEvidence } from './files';
import { keyOf } from './key';
import { evidencePage } from './page';
import { proveNamed, type ProvenName, type UnprovenName } from './prove-named';
import { checkedBy, searchedBucket, searchedFolder } from './searched-trail';
import { readWanted } from './wanted';
import { writeProofs, type WrittenFile } from './write-proofs';

/** Options of `audit-proxy prove`. */
export interface ProveRequest extends LocalOption, BucketOptions {
  readonly output: string;
  readonly from?: string;
  readonly page?: string;
  readonly key?: string;
  readonly hour?: Partition;
  readonly force?: boolean;
}

/**
 * Writes evidence, and says what was written.
 *
 * @param name of an event or request; undefined: those of `--from`
 * @returns whether all of it could be proven
 * @throws EvidenceUnavailable, ServiceError, QueryError, LedgerError
 */
export async function runProve(name: string | undefined, request: ProveRequest): Promise<boolean> {
  const { output, page, force = false } = request;
  if (page !== undefined) await refuseExisting(page, force);
  const given = request.key === undefined ? undefined : await keyOf(request.key);
  const wanted = name === undefined ? await readWanted(request.from!) : [{ name }];

  const screen = { ...screenOf(process.stderr), color: false };
  const onAws = await bucketTrail(request);
  const trail = onAws ? searchedBucket(onAws, request.hour, screen) : searchedFolder(request, request.hour, screen);
  const { key, notice } = checkedBy(given, onAws?.stackKey);
  const progress = progressOn(process.stderr, Date.now);
  // Of one name there is nothing to tell.
  const show = (text: string) => (name === undefined ? progress.show(text) : undefined);
  const { proven, unproven } = await proveNamed(wanted, trail, key, show).finally(() => progress.end());
  if (name !== undefined && unproven.length > 0) throw unproven[0]!.why;

  const files = proven.length === 0 ? [] : await writeProofs(proven, output, force);
  if (page !== undefined && files.length > 0) await writeEvidence(page, evidencePage(files, key), force);
  // Standard output may be the evidence itself.
  const out = output === '-' ? process.stderr : process.stdout;
  const summary = name === undefined ? summaryOfMany(proven, unproven, files) : summaryOfOne(proven[0]!);
  const written = files.length > 1 ? `${files.length} files in ${output}` : (files[0]?.file ?? 'nothing');
  const lines = [...summary, `written   ${written === '-' ? 'to standard output' : written}`];
  if (page !== undefined && files.length > 0) lines.push(`page      ${page}`);
  const said = files.length === 0 ? undefined : notice(files[0]!.proofs[0]!.checkpoint.origin);
  if (said !== undefined) lines.push('', `notice: ${said}`);
  if (name !== undefined) lines.push(...noOutcome(proven[0]!));
  out.write(lines.join('\n') + '\n');
  if (unproven.length > 0) process.stderr.write(unprovenText(unproven));
  return unproven.length === 0;
}

function summaryOfOne({ proofs }: ProvenName): string[] {
  return proofs.flatMap(({ uid, event, object, leafIndex, checkpoint: { origin, size } }) => [
    `event     ${uid}${proofs.length > 1 ? `, ${event.unmapped.phase}` : ''}`,
    `object    ${object}`,
    `log       ${origin}; the object is leaf ${leafIndex} of ${size}, counted from 0`,
  ]);
}

function summaryOfMany(
  proven: readonly ProvenName[],
  unproven: readonly UnprovenName[],
  files: readonly WrittenFile[],
): string[] {
  const events = new Set(proven.flatMap(({ proofs }) => proofs.map(({ uid }) => uid))).size;
  const log = files[0]?.proofs[0]?.checkpoint;
  return [
    `ids       ${proven.length + unproven.length}: ${proven.length} proven, ${unproven.length} not`,
    `events    ${events}`,
    ...(log === undefined ? [] : [`log       ${log.origin}, with ${log.size} leaves`]),
  ];
}

function unprovenText(unproven: readonly UnprovenName[]): string {
  const lines = unproven.map(({ name, why }) => `  ${visible(name)}: ${visible(why.message.split('\n', 1)[0]!)}`);
  return `\nnot proven, ${unproven.length}:\n${lines.join('\n')}\n`;
}

/** A reader who asked for a request may take its attempt for all of it. */
function noOutcome({ name, proofs }: ProvenName): string[] {
  const [{ uid, event }] = proofs as [ProvenName['proofs'][number]];
  const isRequest = name !== uid && name !== event.attestation_list[0]?.fingerprint?.value;
  if (!isRequest || proofs.length > 1 || event.unmapped.phase !== 'attempt') return [];
  return ['', 'notice: the trail has the attempt of this request, and no outcome yet: what came of it is not proven'];
}

import type { ObjectLock, StoredVersion } from '../verify/trail/trail-store';
import { failed, notChecked, ok, type CheckResult } from './check';
import type { Locks } from './doctored-trail';
import { told } from './told';

const FOLDER = 'a folder has no locks: whoever owns it can change every file in it';

/** S3 counts a retention from the time of the request, and tells of it in whole seconds. */
const TOLERANCE_MS = 60_000;
const DAY_MS = 86_400_000;

const WAY_OUT = 'deploy again; what lies there unlocked can be locked by its version (see “Objects without a lock” in docs/operations.md)'; // prettier-ignore

/** Whether the object of the canary is locked, and whether that holds. Tries nothing on any other object. */
export async function lockChecks(
  locks: Locks | undefined,
  version: StoredVersion,
  now: number,
): Promise<CheckResult[]> {
  if (locks === undefined) {
    return (['default_lock', 'lock', 'delete', 'shorten'] as const).map((name) => notChecked(name, FOLDER));
  }
  let promised: number | undefined;
  let lock: ObjectLock | undefined;
  const isHeldNow = () => lock !== undefined && isHeld(lock, now);
  return [
    await told('default_lock', async () => {
      promised = await locks.defaultRetention();
      return promised === undefined
        ? failed(
            'default_lock',
            'the bucket has no default retention',
            'deploy again; `Tampering` tells who took it away',
          )
        : ok('default_lock', `${promised / DAY_MS} days`);
    }),
    await told('lock', async () => lockCheck(version, (lock = await locks.lock(version)), promised)),
    // Other callers' events lie in the same object: where nothing holds it, the attempt would destroy them.
    isHeldNow()
      ? await denied('delete', 'deleting its version', () => locks.tryDelete(version))
      : notChecked('delete', 'not tried: there is no lock that would hold it, and the object has events of others too'),
    isHeldNow()
      ? await denied('shorten', 'having its lock end a minute earlier', () =>
          locks.tryShorten(version, lock!.retainUntil! - TOLERANCE_MS),
        )
      : notChecked('shorten', 'not tried: there is no lock in COMPLIANCE mode'),
  ];
}

/** Whether S3 itself refuses to let go of a version, to everybody and for a while yet. */
function isHeld({ mode, retainUntil }: ObjectLock, now: number): boolean {
  return mode === 'COMPLIANCE' && retainUntil !== undefined && retainUntil > now + 2 * TOLERANCE_MS;
}

function lockCheck(
  { key, versionId, since }: StoredVersion,
  { mode, retainUntil }: ObjectLock,
  promised = 0,
): CheckResult {
  const object = `${key}, version ${versionId}`;
  if (mode !== 'COMPLIANCE' || retainUntil === undefined) {
    return failed('lock', `${object}: ${mode === undefined ? 'not locked' : `locked in ${mode} mode`}`, WAY_OUT);
  }
  const until = new Date(retainUntil).toISOString();
  if (retainUntil >= since + promised - TOLERANCE_MS) return ok('lock', `COMPLIANCE until ${until}`);
  const due = new Date(since + promised).toISOString();
  return failed('lock', `${object}: locked until ${until}, promised until ${due}`, WAY_OUT);
}

function denied(
  name: 'delete' | 'shorten',
  what: string,
  attempt: () => Promise<'denied' | 'done'>,
): Promise<CheckResult> {
  return told(name, async () => {
    if ((await attempt()) === 'denied') return ok(name, `${what} was denied`);
    return failed(
      name,
      `${what} was not denied`,
      'the log is not immutable: look at lock and policy of the bucket at once',
    );
  });
}

import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3VersionedBucket } from '../../bin/aws/s3-versioned-bucket';
import { NO_PROGRESS } from '../../bin/verify/progress';
import { verifyLedger } from '../../bin/verify/ledger/ledger';
import { Report } from '../../bin/verify/report';
import { bucketStore } from '../../bin/verify/trail/bucket-store';
import { newSigner } from '../ledger/evidence/support';
import { s3Client } from '../support/s3-client';
import { S3Server } from '../support/s3-server';
import { put, sealBucket, upload } from '../support/sealed-bucket';
import { verifyBucket } from '../verify/bucket-support';
import { codesOf, later } from '../verify/support';
import { keysUnder, makeRealTrail, type RealTrail } from './real-trail';

/** Somebody whom neither lock nor policy keeps from writing, hiding and removing: attacks that a folder cannot have. */
let trail: RealTrail;
beforeAll(async () => void (trail = await makeRealTrail()), 120_000);
afterAll(() => trail.remove());

const BUCKET = 'trail';
const RETENTION_DAYS = 30;
const DAY_MS = 86_400_000;
const signer = newSigner('audit.example.com/orders');

interface Sealed {
  readonly s3: S3Server;
  readonly client: S3Client;
}

async function serve(): Promise<Sealed> {
  const s3 = await S3Server.start();
  const client = s3Client(s3);
  return { s3, client };
}

let original: S3Server | undefined;

/** The trail in a locked bucket, sealed in two steps by the sealer, with all its conditions on writes. */
async function sealedBucket(): Promise<Sealed> {
  const sealed = await serve();
  if (original === undefined) {
    sealed.s3.retentionDays = RETENTION_DAYS;
    await upload(sealed.client, BUCKET, trail.dir, trail.objects.slice(0, 2));
    await sealBucket(sealed.client, BUCKET, signer);
    const edge = [...(await keysUnder(trail.dir, 'edge/')), ...(await keysUnder(trail.dir, 'errors/'))];
    await upload(sealed.client, BUCKET, trail.dir, [...trail.objects.slice(2), ...edge]);
    await sealBucket(sealed.client, BUCKET, signer);
    original = await serve().then(({ s3 }) => (s3.continueFrom(sealed.s3), s3));
  } else sealed.s3.continueFrom(original);
  return sealed;
}

async function look({ client }: Pick<Sealed, 'client'>, now = later(), saved?: Uint8Array): Promise<Report> {
  const report = new Report();
  await verifyLedger({
    store: bucketStore(new S3VersionedBucket(client, BUCKET)),
    key: signer.verifier,
    report,
    sealLagMs: 120_000,
    now,
    progress: NO_PROGRESS,
    ...(saved && { saved: { note: saved, file: 'saved' } }),
  });
  return report;
}

const at = (index: number) => trail.objects[index]!;

/** What is in the bucket under a key that nobody attacked. */
const bytesIn = (s3: S3Server, key: string) => s3.objects.get(key)!.at(-1)!.bytes;

it('finds nothing in a bucket as its writers left it, on however many pages', async () => {
  const sealed = await sealedBucket();
  const checkpoint = bytesIn(sealed.s3, 'ledger/checkpoint');
  for (const pageSize of [1_000, 1]) {
    sealed.s3.pageSize = pageSize;
    const report = await look(sealed, later(), checkpoint);
    expect(report.findings).toEqual([]);
    expect(report.notices).toEqual([]);
  }
  expect(sealed.s3.objects.get('ledger/checkpoint')).toHaveLength(2);
});

it('finds the events of a bucket intact as well, and those that are missing', async () => {
  const sealed = await sealedBucket();
  const intact = await verifyBucket(sealed.client, BUCKET, { key: signer.verifier });
  expect(intact.findings).toEqual([]);
  expect(intact.totals).toMatchObject({ chains: 1, closed_chains: 1, requests: 12, events: 25 });
  expect(intact.totals.hashed_objects).toBe(intact.totals.leaves);
  sealed.s3.tamper(at(1), () => undefined);
  const attacked = await verifyBucket(sealed.client, BUCKET, { key: signer.verifier });
  expect(codesOf(attacked)).toEqual(expect.arrayContaining(['CHAIN_GAP', 'OBJECT_MISSING']));
}, 120_000);

describe('an object', () => {
  it('hidden by a delete marker is OBJECT_HIDDEN', async () => {
    const sealed = await sealedBucket();
    sealed.s3.add(at(1), '', { isDeleteMarker: true });
    const { findings } = await look(sealed);
    expect(findings).toEqual([expect.objectContaining({ code: 'OBJECT_HIDDEN', object: at(1) })]);
  });

  it('with a new version over it is OBJECT_REPLACED, and the version UNSEALED_OBJECT', async () => {
    const sealed = await sealedBucket();
    await put(sealed.client, BUCKET, at(1), Buffer.from('other'));
    expect(codesOf(await look(sealed))).toEqual(['OBJECT_REPLACED', 'UNSEALED_OBJECT']);
  });

  it('with a new version that was sealed as well is OBJECT_REPLACED', async () => {
    const sealed = await sealedBucket();
    await put(sealed.client, BUCKET, at(1), bytesIn(sealed.s3, at(2)));
    await sealBucket(sealed.client, BUCKET, signer);
    expect(codesOf(await look(sealed))).toEqual(['OBJECT_REPLACED']);
  });

  it('delivered twice, as two versions of the same bytes, is no finding', async () => {
    const sealed = await sealedBucket();
    await put(sealed.client, BUCKET, at(1), bytesIn(sealed.s3, at(1)));
    await sealBucket(sealed.client, BUCKET, signer);
    expect((await look(sealed)).findings).toEqual([]);
  });

  it('whose version was removed is OBJECT_MISSING, also with the same bytes put in its place', async () => {
    const sealed = await sealedBucket();
    const bytes = bytesIn(sealed.s3, at(1));
    sealed.s3.tamper(at(1), () => undefined);
    expect(codesOf(await look(sealed))).toEqual(['OBJECT_MISSING']);
    await put(sealed.client, BUCKET, at(1), bytes);
    expect(codesOf(await look(sealed))).toEqual(['OBJECT_MISSING', 'UNSEALED_OBJECT']);
  });

  it('with other bytes in the same version is OBJECT_CHANGED', async () => {
    const sealed = await sealedBucket();
    sealed.s3.tamper(at(1), (version) => ({ ...version, bytes: Buffer.from(version.bytes).fill(0, 9, 10) }));
    expect(codesOf(await look(sealed))).toEqual(['OBJECT_CHANGED']);
  });

  it('put there by hand is UNSEALED_OBJECT, also under a prefix that no writer has', async () => {
    const sealed = await sealedBucket();
    for (const key of ['events/by-hand', 'elsewhere/x', 'ledge', 'e']) await put(sealed.client, BUCKET, key, Buffer.from('x'));
    const { findings } = await look(sealed);
    expect(findings.map(({ code, object }) => [code, object])).toEqual([
      ['UNSEALED_OBJECT', 'e'],
      ['UNSEALED_OBJECT', 'elsewhere/x'],
      ['UNSEALED_OBJECT', 'events/by-hand'],
      ['UNSEALED_OBJECT', 'ledge'],
    ]);
  }); // prettier-ignore
});

describe('a lock', () => {
  it('that is shorter than the bucket promises is RETENTION_SHORTENED', async () => {
    const sealed = await sealedBucket();
    const retainUntil = new Date(Date.now() + (RETENTION_DAYS - 1) * DAY_MS);
    sealed.s3.tamper(at(1), (version) => ({ ...version, lock: { mode: 'COMPLIANCE', retainUntil } }));
    const { findings } = await look(sealed);
    expect(findings).toEqual([expect.objectContaining({ code: 'RETENTION_SHORTENED', object: at(1) })]);
  });

  it('that is missing, or not of COMPLIANCE mode, is NOT_LOCKED', async () => {
    const sealed = await sealedBucket();
    sealed.s3.tamper(at(0), (version) => ({ ...version, lock: undefined }));
    sealed.s3.tamper(at(1), (version) => ({ ...version, lock: { ...version.lock!, mode: 'GOVERNANCE' } }));
    const { findings } = await look(sealed);
    expect(findings.map(({ code, object }) => [code, object]).sort()).toEqual(
      [at(0), at(1)].sort().map((key) => ['NOT_LOCKED', key]),
    );
  });

  it('is missing of everything in a bucket without Object Lock', async () => {
    const sealed = await serve();
    await upload(sealed.client, BUCKET, trail.dir, trail.objects.slice(0, 2));
    await sealBucket(sealed.client, BUCKET, signer);
    const { findings } = await look(sealed);
    expect(findings.map(({ code }) => code)).toEqual(['NOT_LOCKED', 'NOT_LOCKED']);
  });

  it('that the verifier may not see is no finding: the missing permission is told', async () => {
    const sealed = await sealedBucket();
    sealed.s3.hidesLocks = true;
    await expect(look(sealed)).rejects.toThrow(/AccessDenied.*\(this needs s3:GetObjectRetention\)$/);
  });
});

describe('after its retention', () => {
  const over = () => Date.now() + (RETENTION_DAYS + 1) * DAY_MS;

  it('an object that was disposed of is EXPIRED_AS_PROMISED, and no finding', async () => {
    const sealed = await sealedBucket();
    for (const key of [at(0), at(1)]) sealed.s3.tamper(key, () => undefined);
    const report = await look(sealed, over());
    expect(report.findings).toEqual([]);
    expect(report.notices).toContainEqual(expect.objectContaining({ code: 'EXPIRED_AS_PROMISED', detail: 'objects: 2' }));
    expect(codesOf(await look(sealed))).toEqual(['OBJECT_MISSING']);
  }); // prettier-ignore

  it('a delete marker that a rule put over an object is no finding, but an earlier one is', async () => {
    const sealed = await sealedBucket();
    sealed.s3.add(at(0), '', { isDeleteMarker: true, modified: new Date(over()) });
    expect((await look(sealed, over())).findings).toEqual([]);
    sealed.s3.add(at(1), '', { isDeleteMarker: true });
    const { findings } = await look(sealed, over());
    expect(findings).toEqual([expect.objectContaining({ code: 'OBJECT_HIDDEN', object: at(1) })]);
  });
});

describe('the checkpoint', () => {
  it('of before, put over the last one, is ROLLED_BACK', async () => {
    const sealed = await sealedBucket();
    await put(sealed.client, BUCKET, 'ledger/checkpoint', sealed.s3.objects.get('ledger/checkpoint')![0]!.bytes);
    expect(codesOf(await look(sealed))).toContain('ROLLED_BACK');
  });

  it('rolled back with its versions removed is ROLLED_BACK for whoever saved one', async () => {
    const sealed = await sealedBucket();
    const [first, last] = sealed.s3.objects.get('ledger/checkpoint')!.map(({ bytes }) => bytes);
    sealed.s3.tamper('ledger/checkpoint', (version) => (version.bytes === last ? undefined : version));
    expect(bytesIn(sealed.s3, 'ledger/checkpoint')).toBe(first);
    expect(codesOf(await look(sealed))).toEqual(['UNSEALED_OBJECT']);
    expect(codesOf(await look(sealed, later(), last))).toEqual(['ROLLED_BACK', 'UNSEALED_OBJECT']);
  });

  it('hidden by a delete marker is CHECKPOINT_MISSING', async () => {
    const sealed = await sealedBucket();
    sealed.s3.add('ledger/checkpoint', '', { isDeleteMarker: true });
    expect(codesOf(await look(sealed))).toEqual(['CHECKPOINT_MISSING', 'UNSEALED_OBJECT']);
  });

  it('of another key in between is SIGNATURE_MISSING, whatever lies over it', async () => {
    const sealed = await sealedBucket();
    const good = bytesIn(sealed.s3, 'ledger/checkpoint');
    const forged = Buffer.from(good.toString().replace('— ', '— x'));
    await put(sealed.client, BUCKET, 'ledger/checkpoint', forged);
    await put(sealed.client, BUCKET, 'ledger/checkpoint', good);
    expect(codesOf(await look(sealed))).toEqual(['SIGNATURE_MISSING']);
  });
});

describe('a tile', () => {
  it('with a new version, or hidden, is found', async () => {
    const tile = [...(await sealedBucket()).s3.objects.keys()].filter((key) => key.startsWith('ledger/tile/0/')).at(-1)!;
    const replaced = await sealedBucket();
    await put(replaced.client, BUCKET, tile, Buffer.alloc(bytesIn(replaced.s3, tile).length));
    expect(codesOf(await look(replaced))).toEqual(['ROOT_MISMATCH']);
    const hidden = await sealedBucket();
    hidden.s3.add(tile, '', { isDeleteMarker: true });
    expect(codesOf(await look(hidden))).toEqual(['TILE_MISSING']);
  }); // prettier-ignore
});

it('tells nobody that a trail is intact that could not be read', async () => {
  const sealed = await sealedBucket();
  const answers = [
    [404, 'NoSuchBucket', /s3:\/\/trail\/.*NoSuchBucket/],
    [403, 'AccessDenied', /AccessDenied.*this needs s3:ListBucketVersions/],
    [403, 'ExpiredToken', /the credentials have expired: sign in again/],
  ] as const;
  for (const [status, code, message] of answers) {
    sealed.s3.fault = () => ({ status, code });
    await expect(look(sealed)).rejects.toThrow(message);
  }
  sealed.s3.fault = (_, key) => (key === at(1) ? { status: 403, code: 'AccessDenied' } : undefined);
  await expect(look(sealed)).rejects.toThrow(/AccessDenied.*this needs s3:GetObjectVersion, and kms:Decrypt/);
});

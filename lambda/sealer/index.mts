import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { Sealer } from '../../lib/ledger/seal';
import { decodeSealerSettings } from '../../lib/ledger/seal/settings';
import { Bucket } from './aws/bucket';
import { bucketObjects } from './aws/bucket-objects';
import { bucketStore } from './aws/bucket-store';
import { kmsSigner } from './aws/kms-signer';
import { SealerHandler, type SealerEvent } from './handler';
import { Inspector } from './inspect/inspector';
import { timing } from './timing';

const settings = decodeSealerSettings(process.env);
// A connection that hangs must not take the time of a whole invocation.
const requestHandler = { connectionTimeout: 5_000, socketTimeout: 30_000 };
const kms = new KMSClient({ requestHandler });
const bucket = new Bucket(new S3Client({ requestHandler }), settings.bucket);
const store = bucketStore(bucket);

let sealer: Promise<Sealer> | undefined;

function makeSealer(): Promise<Sealer> {
  sealer ??= kmsSigner(kms, settings.keyId, settings.origin).then(
    (signer) =>
      new Sealer({
        store,
        inspector: new Inspector(bucketObjects(bucket)),
        signer,
        timing,
        ...(settings.minTreeSize !== undefined && { minTreeSize: settings.minTreeSize }),
      }),
  );
  sealer.catch(() => void (sealer = undefined));
  return sealer;
}

const sealing = new SealerHandler({
  settings,
  sealer: makeSealer,
  bucket,
  store,
  now: Date.now,
  log: (line) => void process.stdout.write(`${line}\n`),
});

/** What Lambda calls. */
export const handler = (event: SealerEvent, context: { getRemainingTimeInMillis(): number }) =>
  sealing.handle(event, () => context.getRemainingTimeInMillis());

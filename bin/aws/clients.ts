/**
 * Everything that talks to AWS, as one bundle of its own: AWS's clients are larger than everything else together, and the
 * commands that need none start without them. Load it by `loadClients`.
 */
export { FilteredLogs, FirehoseBatches, S3TrailBucket } from '../recover/aws/clients';
export { Athena } from './athena';
export { ForbiddenCalls } from './forbidden';
export { S3VersionedBucket } from './s3-versioned-bucket';
export { signCall } from './sign-call';
export { stackOutputs } from './stacks';

import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** A secret, and the role of the function that rotates it, where one does. */
export interface WatchedSecret {
  readonly secret: secretsmanager.ISecret;
  readonly rotationRole?: iam.IRole;
}

/** Parts of an access proxy that nobody should change but a deployment. */
export interface GuardedProxy {
  readonly functions: readonly lambda.IFunction[];
  readonly roles: readonly iam.IRole[];
  readonly logGroups: readonly logs.ILogGroup[];
  readonly apiId: string;
  readonly secrets: readonly WatchedSecret[];
}

import type { Who } from '../event/request-facts';

/** What API Gateway tells of a caller who signed with SigV4; both payload formats have these under other names. */
export interface IamCaller {
  readonly userArn: string;
  readonly accountId?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly organizationId?: string | undefined;
  /** Where the role was taken by an identity of a Cognito identity pool: its id. Such sessions all have the same name. */
  readonly cognitoIdentityId?: string | undefined;
}

/** OCSF account types. */
const ACCOUNT = { type_id: 10, type: 'AWS Account' };
const ROLE = { type_id: 4, type: 'AWS IAM Role' };
const USER = { type_id: 3, type: 'AWS IAM User' };

const SIGV4_IDP = { name: 'AWS IAM', protocol_name: 'SigV4' };

/**
 * An IAM caller: a role session is a session of the role, the root user is its account, anything else is the user itself.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function whoOfIam(caller: IamCaller): Who {
  const assumed = /^arn:([\w-]+):sts::(\d*):assumed-role\/(.+)\/([^/]+)$/.exec(caller.userArn);
  const account = caller.accountId || /^arn:[\w-]+:\w+::(\d+):/.exec(caller.userArn)?.[1];
  const [, partition, accountInArn, role, sessionName] = assumed ?? [];
  const session = caller.cognitoIdentityId || sessionName;
  const isRoot = /:root$/.test(caller.userArn);
  const roleArn = assumed ? `arn:${partition}:iam::${accountInArn}:role/${role}` : undefined;
  return {
    type: 'iam',
    actor: {
      user: {
        name: role ?? caller.userArn.split(/[/:]/).at(-1),
        uid: roleArn ?? caller.userArn,
        ...(assumed ? { type_id: 4, type: 'Service' } : { type_id: 1, type: 'User' }),
        account: account ? { uid: account, ...(assumed ? ROLE : isRoot ? ACCOUNT : USER) } : undefined,
        org: caller.organizationId ? { uid: caller.organizationId } : undefined,
        programmatic_credentials: caller.accessKeyId
          ? [{ uid: caller.accessKeyId, type: 'AWS access key' }]
          : undefined,
      },
      session: session ? { uid: session, issuer: roleArn } : undefined,
      idp: SIGV4_IDP,
    },
  };
}

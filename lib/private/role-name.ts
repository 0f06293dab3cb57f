import { Names, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { stackGuid } from './names';

/** A role that is named before it is there, so that a policy on which the role itself depends can name it. */
export interface RoleName {
  readonly roleName: string;
  readonly roleArn: string;
}

const LONGEST_ROLE_NAME = 64;
const LONGEST_GUID = 36;
/** With room for one to come. */
const LONGEST_REGION = 20;

/** For a role that only its own stack names. It can stay behind when the stack is deleted: the next one has another name. */
export function roleNameWithinStack(scope: Construct): RoleName {
  return named(scope, `${unique(scope, LONGEST_GUID)}-${stackGuid()}`);
}

/** For a role that another stack names: the same at every deployment. Names of roles are an account's, not a region's. */
export function roleNameForOtherStacks(scope: Construct): RoleName {
  return named(scope, `${unique(scope, LONGEST_REGION)}-${Stack.of(scope).region}`);
}

function unique(scope: Construct, room: number): string {
  return Names.uniqueResourceName(scope, { maxLength: LONGEST_ROLE_NAME - room - 1 });
}

function named(scope: Construct, roleName: string): RoleName {
  const roleArn = Stack.of(scope).formatArn({ service: 'iam', region: '', resource: 'role', resourceName: roleName });
  return { roleName, roleArn };
}

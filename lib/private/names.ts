import { Aws, Fn, Names, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** `ShopAudit` -> `shop_audit`: the stack's name as people want to write it in SQL. */
export function snakeStackName(scope: IConstruct): string {
  return wordsOfStackName(scope).join('_');
}

/** `ShopAudit` -> `shop-audit`. */
export function kebabStackName(scope: IConstruct): string {
  return wordsOfStackName(scope).join('-');
}

/**
 * The last part of the stack's ARN: no two stacks have the same, also when one takes the name of another. For names of
 * what stays behind when its stack is deleted.
 */
export function stackGuid(): string {
  return Fn.select(2, Fn.split('/', Aws.STACK_ID));
}

function wordsOfStackName(scope: IConstruct): string[] {
  const { stackName } = Stack.of(scope);
  // A nested stack learns its name at deployment only.
  const name = Token.isUnresolved(stackName) ? Names.uniqueResourceName(scope, { maxLength: 100 }) : stackName;
  return name
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

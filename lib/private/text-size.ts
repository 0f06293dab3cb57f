import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What stands for a value that is known at deployment only: names of streams, buckets and load balancers are no longer. */
const UNKNOWN_BYTES = 96;

/** Bytes of a text in UTF-8; about, where parts of it are known at deployment only. */
export function sizeOf(scope: IConstruct, text: string): number {
  if (!Token.isUnresolved(text)) return Buffer.byteLength(text);
  const resolved = Stack.of(scope).resolve(text) as { 'Fn::Join'?: [string, unknown[]] };
  const sizes = (resolved['Fn::Join']?.[1] ?? [resolved]).map((part) =>
    typeof part === 'string' ? Buffer.byteLength(part) : UNKNOWN_BYTES,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

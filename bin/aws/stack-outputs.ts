import { DescribeStacksCommand, type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ServiceError, serviceError } from './service-error';

/** The outputs of a stack that commands use, and their names in the stack (`bin/app/audit-proxy-stack.ts`). */
const OUTPUTS = {
  bucket: 'BucketName',
  key: 'KeyArn',
  /** The ledger's public key. Whoever can change the stack can change it: it is not pinned by being read from there. */
  vkey: 'LedgerVkey',
  apiUrl: 'ApiUrl',
  functionName: 'FunctionName',
  functionLogGroup: 'FunctionLogGroupName',
  /** Separated by commas. */
  deliveryStreams: 'DeliveryStreamNames',
  database: 'DatabaseName',
  workgroup: 'WorkGroupName',
  sealer: 'SealerName',
} as const;

/** An output, by its name here. */
export type OutputName = keyof typeof OUTPUTS;

/** What a whole deployment has. */
export const DEPLOYMENT = ['bucket', 'apiUrl', 'deliveryStreams', 'database', 'workgroup'] as const;

/** Outputs of a stack: those that were asked for, and of the others what there is. */
export type StackOutputs<Needed extends OutputName = (typeof DEPLOYMENT)[number]> = {
  readonly [name in Needed]: string;
} & { readonly [name in OutputName]?: string } & {
  /** Where the stack is: not where the caller may have looked by an alias or a default. */
  readonly region: string;
};

/**
 * Reads what a stack says of itself.
 *
 * @param name name or ARN of the stack
 * @param needed what the caller cannot do without. Default: what a whole deployment has
 * @throws ServiceError if there is no such stack, or it lacks an output; which, the message says
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export async function readStackOutputs<Needed extends OutputName = (typeof DEPLOYMENT)[number]>(
  client: Pick<CloudFormationClient, 'send'>,
  name: string,
  needed: readonly Needed[] = DEPLOYMENT as unknown as readonly Needed[],
): Promise<StackOutputs<Needed>> {
  const { Stacks: [stack] = [] } = await client
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch(serviceError(`stack ${name}`, 'cloudformation:DescribeStacks'));
  if (stack === undefined) throw new ServiceError(`stack ${name}: there is none`, 'NoSuchStack', false);
  const said = new Map(stack.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const missing = needed.filter((output) => !said.get(OUTPUTS[output]));
  if (missing.length > 0) {
    const names = missing.map((output) => OUTPUTS[output]).join(', ');
    const message = `stack ${name} (${stack.StackStatus}) has no output ${names}: it is not deployed yet, by an older version, or no stack of an audit proxy`;
    throw new ServiceError(message, 'OutputMissing', false);
  }
  const outputs = Object.entries(OUTPUTS).map(([output, key]) => [output, said.get(key) || undefined] as const);
  return {
    ...(Object.fromEntries(outputs.filter(([, value]) => value !== undefined)) as StackOutputs<Needed>),
    // arn:aws:cloudformation:eu-central-1:111122223333:stack/…
    region: stack.StackId!.split(':')[3]!,
  };
}

import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { ClientOptions } from './client-options';
import { readStackOutputs, type OutputName, type StackOutputs } from './stack-outputs';

/** `readStackOutputs` of AWS itself. */
export async function stackOutputs<Needed extends OutputName>(
  name: string,
  needed: readonly Needed[],
  options: ClientOptions,
): Promise<StackOutputs<Needed>> {
  const client = new CloudFormationClient(options);
  try {
    return await readStackOutputs(client, name, needed);
  } finally {
    client.destroy();
  }
}

import { parametersEndpoint } from '../../recorder/aws/endpoints';
import { callJson } from '../../recorder/aws/json-service';

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const NAMES_A_CALL = 10;

/**
 * Texts of parameters of Systems Manager, in the order of their names.
 *
 * @throws Error that names what could not be read
 */
export async function readParameters(
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const region = environment.AWS_REGION ?? '';
  const service = { service: 'ssm', target: 'AmazonSSM', region, endpoint: parametersEndpoint(region, environment) } as const; // prettier-ignore
  const calls = [];
  for (let first = 0; first < names.length; first += NAMES_A_CALL) {
    const some = names.slice(first, first + NAMES_A_CALL);
    calls.push(callJson(service, 'GetParameters', { Names: some }, `parameters ${some.join(', ')}`, environment));
  }
  const answers = (await Promise.all(calls)) as { readonly Parameters?: readonly { Name: string; Value: string }[] }[];
  const values = new Map(answers.flatMap(({ Parameters = [] }) => Parameters.map(({ Name, Value }) => [Name, Value])));
  return names.map((name) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`parameter ${name} with settings of the function is not there`);
    return value;
  });
}

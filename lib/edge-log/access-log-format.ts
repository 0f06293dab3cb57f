import { edgeFields, type ApiKind } from './record';

/**
 * The format of a stage's access log: one JSON object a request, each field of the edge record as a string.
 *
 * @returns names of fields and the variables that API Gateway puts in their places, e.g. `{ stage: '$context.stage' }`
 */
export function accessLogFormat(kind: ApiKind): Readonly<Record<string, string>> {
  return Object.fromEntries(
    edgeFields.flatMap(([name, { variables }]) => {
      const variable = variables[kind];
      return variable === undefined ? [] : [[name, variable]];
    }),
  );
}

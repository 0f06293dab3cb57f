import Ajv, { type ErrorObject } from 'ajv';
import schema from '../../audit-proxy.schema.json';
import { shown, type Place, type Problem } from './problem';
import { nearest } from './nearest';

// Editors show `errorMessage` where a value is wrong (VS Code's extension of JSON Schema); so do we.
const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, keywords: ['errorMessage'] });
const validate = ajv.compile(schema);

/** Checks a parsed config against `audit-proxy.schema.json`. */
export function schemaProblems(config: unknown): Problem[] {
  if (validate(config)) return [];
  const problems: Problem[] = [];
  const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'if');
  const misspelt = new Set<string>();
  for (const error of errors.filter((error) => error.keyword === 'additionalProperties')) {
    const problem = unknownKey(error);
    problems.push(problem);
    if (problem.meant !== undefined) misspelt.add(JSON.stringify([...placeOf(error), problem.meant]));
  }
  for (const error of errors.filter((error) => error.keyword !== 'additionalProperties')) {
    const problem = error.keyword === 'required' ? missingKey(error) : wrongValue(error);
    // A key that is misspelt is not also missing.
    if (!misspelt.has(JSON.stringify(problem.place))) problems.push(problem);
  }
  return problems;
}

interface SubSchema {
  readonly errorMessage?: string;
  readonly properties?: Readonly<Record<string, SubSchema>>;
}

function unknownKey(error: ErrorObject): Problem & { meant?: string } {
  const key = String(error.params.additionalProperty);
  const allowed = Object.keys((error.parentSchema as SubSchema).properties ?? {});
  const meant = nearest(key, allowed);
  const hint = meant === undefined ? `allowed are ${allowed.join(', ')}` : `did you mean "${meant}"?`;
  const problem = { place: [...placeOf(error), key], atKey: true, message: `unknown key; ${hint}` };
  return meant === undefined ? problem : { ...problem, meant };
}

function missingKey(error: ErrorObject): Problem {
  const key = String(error.params.missingProperty);
  const expected = (error.parentSchema as SubSchema).properties?.[key]?.errorMessage;
  return {
    place: [...placeOf(error), key],
    message: expected === undefined ? 'is missing' : `is missing; ${expected}`,
  };
}

function wrongValue(error: ErrorObject): Problem {
  return { place: placeOf(error), message: `${expectation(error)}; got ${shown(error.data)}` };
}

function expectation({ keyword, params, parentSchema, message }: ErrorObject): string {
  const { errorMessage, properties } = parentSchema as SubSchema;
  switch (keyword) {
    case 'minProperties':
    case 'maxProperties':
      return errorMessage ?? `must have exactly one of ${Object.keys(properties ?? {}).join(', ')}`;
    case 'minItems':
      return `must hold at least ${params.limit}`;
    case 'minLength':
      return 'must not be empty';
    case 'enum':
      return (
        errorMessage ?? `must be ${params.allowedValues.map((value: unknown) => JSON.stringify(value)).join(' or ')}`
      );
    default:
      return errorMessage ?? message ?? `does not fit "${keyword}"`;
  }
}

function placeOf(error: ErrorObject): Place {
  return error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^(0|[1-9]\d*)$/.test(part) ? Number(part) : part));
}

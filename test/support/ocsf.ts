import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { eventJsonSchema } from '../../lib/event/json-schema';

/** OCSF's classes as JSON Schema lie beside the repo where it is developed. */
const FOLDER = path.join(__dirname, '../../../shared/ocsf');

const own = new Ajv2020({ allErrors: true }).compile(eventJsonSchema());
const classes = new Map<number, ValidateFunction | undefined>([
  [6002, load('application_lifecycle')],
  [6003, load('api_activity')],
]);

function load(name: string): ValidateFunction | undefined {
  const file = path.join(FOLDER, `${name}.schema.json`);
  if (!existsSync(file)) {
    console.warn(
      `NOT CHECKED: events against OCSF, since ${name}.schema.json is not there; the project’s own schema is.`,
    );
    return undefined;
  }
  return new Ajv2020({ allErrors: true, strict: false }).compile(JSON.parse(readFileSync(file, 'utf8')) as object);
}

/** What is wrong with an event by the project's own schema, and by OCSF where that is at hand. */
export function schemaErrors(event: { readonly class_uid: number }): unknown[] {
  const ocsf = classes.get(event.class_uid);
  return [own, ...(ocsf ? [ocsf] : [])].flatMap((validate) => (validate(event) ? [] : (validate.errors ?? [])));
}

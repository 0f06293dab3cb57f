import { isSecretName } from './secret-names';

/** Lists of names and values: `{"name":"password","value":"…"}`, `field=password&new=…`. */

const LONGEST_NAME = 64;
const NAMES =
  /^(?:k|n|id|op|type|kind|label|title|path|pointer|field|param|parameter|prop|property|attr|attribute|header|var|variable|\w*name|\w*key)$/;
const VALUES =
  /^(?:v|val|\w*values?\w*|contents?|data|text|string|answer|response|input|default|current|old|new|before|after|from|to)$/;

/** Whether a member of this name says what another member holds. */
export function isPairName(name: string): boolean {
  return NAMES.test(lastPart(name));
}

/** Whether a member of this name holds what another one names. */
export function isPairValue(name: string): boolean {
  return VALUES.test(lastPart(name));
}

/** Whether a value is the name of a secret. */
export function namesSecret(value: string): boolean {
  return value.length <= LONGEST_NAME && isSecretName(value);
}

/** `fields[0][newValue]` is `newvalue`. */
function lastPart(name: string): string {
  const parts = name.slice(-LONGEST_NAME).toLowerCase().split(/[^a-z0-9_-]+/); // prettier-ignore
  return (parts.filter((part) => part !== '').at(-1) ?? '').replace(/[_-]/g, '');
}

import { newAssertionKey } from '../../lib/routing/new-assertion-key';
import { callSecretsManager } from '../recorder/aws/secrets-manager';
import { rotation } from './handler';

/** What Lambda calls. */
export const handler = rotation({
  call: (action, input) => callSecretsManager(action, input, process.env),
  newKey: newAssertionKey,
});

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { putAnswer } from '../custom-resource/put-answer';
import { callSecretsManager } from '../recorder/aws/secrets-manager';
import { answerStack } from './handler';

/** What CloudFormation calls for the resource that makes the API's secret. */
export const handler = answerStack({
  call: (action, input) => callSecretsManager(action, input, process.env),
  uuid: randomUUID,
  put: putAnswer,
  sleep,
});

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { payloadKey } from '../../lib/event/keys';
import { emptyTrail, writeBytes } from '../support/sample-trail';
import { sealFolder } from '../support/seal-folder';
import { verifyFolder } from './support';

const TIME = Date.UTC(2026, 10, 24, 7);
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

it('finds a payload that was put there, and sealed, under the name of another one', async () => {
  const dir = await emptyTrail();
  await writeBytes(dir, payloadKey(TIME, hash('a')), 'a');
  const forged = await writeBytes(dir, payloadKey(TIME, hash('b')), 'c');
  await sealFolder(dir);
  const { findings } = await verifyFolder(dir);
  expect(findings).toMatchObject([{ code: 'OBJECT_CHANGED', object: forged }]);
});

// S3 that knows conditional writes: moto's server. Its lock is none.
import { freePort, missing } from './programs.mjs';

/** For people: why it cannot be started here; undefined if it can. */
export function whyNoMoto() {
  return missing(['moto_server']).length === 0 ? undefined : "moto_server not found. With Python: pipx install 'moto[server,s3]'"; // prettier-ignore
}

/** Starts it. @returns where it is, and who may call */
export async function startMoto(programs) {
  const port = await freePort();
  programs.start('moto_server', ['-H', '127.0.0.1', '-p', String(port)]);
  const endpoint = `http://127.0.0.1:${port}`;
  await programs.answers(endpoint);
  return { endpoint, accessKeyId: 'any', secretAccessKey: 'any', name: 'moto' };
}

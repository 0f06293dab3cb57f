import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Frees at once what nothing refers to any more. Results of the engine are freed together with the JavaScript objects that stand
 * for them, and these look tiny to V8: left alone, it would let hundreds of MiB of them lie there.
 */
export function collectGarbage(): void {
  gc ??= exposed();
  gc();
}

let gc: (() => void) | undefined;

/** Only new contexts see a flag that is set while the process runs. */
function exposed(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return collect;
}

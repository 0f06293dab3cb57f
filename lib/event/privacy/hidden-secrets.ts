import { layersOf, MAX_LAYERS } from './layers';
import { tellsNamedSecret } from './named-values';
import { isSecretName } from './secret-names';
import { hasSecretShape, looksSecret, REDACTED } from './secrets';

/** Characters that are looked at for each one of a text, over all of its layers. */
const LAYER_BUDGET = 12;
const MIN_BUDGET = 4096;

/** By which signs a text is judged. */
interface Signs {
  readonly looksSecret: (text: string) => boolean;
  readonly isSecretName: (name: string) => boolean;
}

/**
 * Whether a text looks like a secret or holds one, in whatever coding: a URL, query, JSON or list of its own may stand in it
 * (`redirect=/x?return=%2Fy%3Ftoken=…`), percent-encoded, escaped or in base64. Where layers go deeper than anybody needs,
 * the answer is yes.
 *
 * @param isSecret names that are secret, where there are more than the usual
 */
export function hidesSecret(text: string, isSecret: (name: string) => boolean = isSecretName): boolean {
  return hides(text, { looksSecret, isSecretName: isSecret });
}

/** The same for texts that are random by nature: only shapes beyond doubt and names count. */
export function hidesSecretBeyondDoubt(text: string): boolean {
  return hides(text, { looksSecret: hasSecretShape, isSecretName });
}

/** The text, or `[redacted]` where it looks like a secret or holds one. */
export function redactText(text: string): string {
  return hidesSecret(text) ? REDACTED : text;
}

function hides(text: string, signs: Signs): boolean {
  let budget = Math.max(MIN_BUDGET, text.length * LAYER_BUDGET);
  let layer = [text];
  for (let depth = 0; layer.length > 0; depth += 1) {
    if (depth > MAX_LAYERS) return true;
    for (const inner of layer) {
      budget -= inner.length;
      if (budget < 0 || signs.looksSecret(inner) || tellsNamedSecret(inner, signs.isSecretName)) return true;
    }
    layer = layer.flatMap(layersOf);
  }
  return false;
}

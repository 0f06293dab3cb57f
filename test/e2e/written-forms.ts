/**
 * A text as it was written, and what comes of it when percent-encoding, escapes and base64 are undone, in any order, up to
 * five times. Written without the code that redacts, so that neither can hide a fault of the other.
 */
export function writtenForms(text: string): Set<string> {
  const forms = new Set([text]);
  let newest = [text];
  for (let i = 0; i < 5; i += 1) {
    newest = newest.flatMap((form) => [percentDecoded(form), unescaped(form), ...base64Decoded(form)]);
    newest = [...new Set(newest)].filter((form) => !forms.has(form));
    for (const form of newest) forms.add(form);
  }
  return forms;
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('latin1'));
}

function unescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/\\(["\\/])/g, '$1');
}

/** Each run of base64 alone: one text of all of them. */
function base64Decoded(text: string): string[] {
  const runs = text.match(/[A-Za-z0-9+/_-]{12,}/g) ?? [];
  return runs.length === 0 ? [] : [runs.map((run) => Buffer.from(run, 'base64').toString('latin1')).join('\n')];
}

/**
 * Reads CSV by RFC 4180, with line ends of either kind. An apostrophe that keeps a spreadsheet from taking a text for a
 * formula, as `--format csv` writes it, is dropped.
 *
 * @returns undefined if it is no CSV: a quote stands where none can
 */
export function csvRecords(text: string): string[][] | undefined {
  const records: string[][] = [];
  let read = 0;
  for (const [whole, separator, quoted, plain] of `\n${text}`.matchAll(FIELD)) {
    if (separator !== ',') records.push([]);
    const value = quoted === undefined ? plain! : quoted.replaceAll('""', '"');
    records.at(-1)!.push(value.replace(/^'(?=[=+\-@\t\r])/, ''));
    read += whole.length;
  }
  if (read !== text.length + 1) return undefined;
  return records.filter((fields) => fields.length > 1 || fields[0] !== '');
}

/** What separates a field from the one before, and the field. */
const FIELD = /(,|\r?\n)(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))/g;

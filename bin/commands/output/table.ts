import Table from 'cli-table3';
import type { QueryResult, QueryValue } from '../../query/queries';
import { cellText } from './cell';

/** What a table is printed on. */
export interface Screen {
  /** Characters a line; undefined where there is no screen, and nothing is cut. */
  readonly width: number | undefined;
  readonly color: boolean;
}

/** @see https://no-color.org */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  const { COLUMNS = '', NO_COLOR = '', TERM = '' } = process.env;
  const width = /^[1-9]\d*$/.test(COLUMNS) ? Number(COLUMNS) : stream.columns;
  return { width, color: stream.isTTY === true && NO_COLOR === '' && TERM !== 'dumb' };
}

const GAP = 2;
/** A column is not made narrower than this: rather one block a row. */
const LEAST_WIDTH = 8;

/**
 * A table that fits the screen: the widest columns are cut with `…`, but no number and no time is; if that cannot do, each
 * row is a block of lines.
 */
export function toTable({ columns: names, rows }: QueryResult, screen: Screen): string {
  if (rows.length === 0) return 'no rows\n';
  const columns = names.map(visible);
  const cells = rows.map((row) => row.map((value) => visible(cellText(value))));
  const natural = columns.map((name, i) =>
    cells.reduce((widest, row) => Math.max(widest, displayWidth(row[i]!)), displayWidth(name)),
  );
  const numeric = columns.map((_, i) => isNumeric(rows, i));
  const rigid = numeric.map((is, i) => is || cells.every((row) => TIME.test(row[i]!)));
  const widths = fit(natural, rigid, screen.width);
  if (widths === undefined) return blocks(columns, cells, screen);
  return grid(columns, cells, widths, numeric, screen);
}

function grid(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  widths: readonly number[],
  numeric: readonly boolean[],
  screen: Screen,
): string {
  const lines = [columns, ...cells].map((row) => {
    // One row a table: the time that cli-table3 takes grows with the square of the rows.
    const table = new Table({
      chars: NO_LINES,
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
      colWidths: [...widths],
      colAligns: numeric.map((right) => (right ? 'right' : 'left')),
    });
    table.push([...row]);
    return table.toString().trimEnd();
  });
  return [dim(lines[0]!, screen), ...lines.slice(1), ''].join('\n');
}

function blocks(columns: readonly string[], cells: readonly (readonly string[])[], screen: Screen): string {
  const nameWidth = Math.max(...columns.map(displayWidth));
  return cells
    .map((row, i) => {
      const lines = columns.map((name, column) => {
        const padded = dim(name + ' '.repeat(nameWidth - displayWidth(name)), screen);
        return `${padded}${' '.repeat(GAP)}${cut(row[column]!, screen.width && screen.width - nameWidth - GAP)}`.trimEnd();
      });
      return [dim(`── ${i + 1} ──`, screen), ...lines, ''].join('\n');
    })
    .join('');
}

/** Widths that fit the screen: as much as the widest columns must give way, they do so evenly. Undefined if none do. */
function fit(
  natural: readonly number[],
  rigid: readonly boolean[],
  screenWidth: number | undefined,
): number[] | undefined {
  if (screenWidth === undefined) return [...natural];
  const room = screenWidth - GAP * (natural.length - 1);
  for (let most = screenWidth; most >= LEAST_WIDTH; most -= 1) {
    const widths = natural.map((width, i) => (rigid[i] ? width : Math.min(width, most)));
    if (widths.reduce((sum, width) => sum + width, 0) <= room) return widths;
  }
  return undefined;
}

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?$/;

function isNumeric(rows: readonly (readonly QueryValue[])[], column: number): boolean {
  const values = rows.map((row) => row[column]).filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === 'number');
}

/** Control characters as text: what a caller wrote must not steer the reader's terminal. */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => NAMED[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Columns that a text takes on the screen: East Asian wide characters and emoji take two, combining marks none. */
function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/[\p{Mn}\p{Me}\u200b-\u200d\ufe00-\ufe0f]/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;

function cut(text: string, width: number | undefined): string {
  if (width === undefined || displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += displayWidth(character);
    if (used > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function dim(text: string, screen: Screen): string {
  return screen.color ? `\u001b[2m${text}\u001b[22m` : text;
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
};

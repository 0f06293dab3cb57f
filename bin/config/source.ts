import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { Place, Problem } from './problem';

/** A JSON text that still knows where each value stands. */
export class JsonSource {
  private readonly tree: Node | undefined;
  private readonly errors: ParseError[] = [];

  constructor(private readonly text: string) {
    this.tree = parseTree(text, this.errors, { disallowComments: true, allowEmptyContent: false });
  }

  /** What is wrong with the JSON itself, each with its position as `line:column`. */
  syntaxProblems(): { position: string; message: string }[] {
    return this.errors.map(({ error, offset }) => ({
      position: this.position(offset),
      message: `not valid JSON: ${sentence(printParseErrorCode(error))}`,
    }));
  }

  /** Keys that stand twice in one object: all but one would be dropped in silence. */
  duplicateKeys(): Problem[] {
    const problems: Problem[] = [];
    const visit = (node: Node, place: Place): void => {
      if (node.type === 'array') node.children?.forEach((child, index) => visit(child, [...place, index]));
      if (node.type !== 'object') return;
      const seen = new Set<string>();
      for (const { children } of node.children ?? []) {
        const [key, value] = children ?? [];
        const name = String(key?.value);
        if (seen.has(name)) problems.push({ place: [...place, name], message: 'stands twice', atKey: true });
        seen.add(name);
        if (value !== undefined) visit(value, [...place, name]);
      }
    };
    if (this.tree !== undefined) visit(this.tree, []);
    return problems;
  }

  /** Position of a value (or of its key) as `line:column`, both counted from 1; of what holds it if it is not there. */
  locate({ place, atKey }: Pick<Problem, 'place' | 'atKey'>): string {
    for (let length = place.length; length >= 0 && this.tree !== undefined; length -= 1) {
      const node = findNodeAtLocation(this.tree, place.slice(0, length));
      if (node === undefined) continue;
      const property = node.parent?.type === 'property' ? node.parent : undefined;
      return this.position(atKey === true && length === place.length ? (property ?? node).offset : node.offset);
    }
    return '1:1';
  }

  private position(offset: number): string {
    const before = this.text.slice(0, offset).split(/\r\n|\r|\n/);
    return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  }
}

/** `CommaExpected` -> `comma expected`. */
function sentence(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

import type { FileEdit, Fix } from '../engine/rule.ts';
import type { TextEdit } from '../syntax/span.ts';

/**
 * Takes fixes that do not touch each other's text. Of two fixes that do, the first is kept; the other is for the next
 * round, when its finding is judged anew.
 */
export class EditSet {
  readonly #files = new Map<string, TextEdit[]>();

  /** False, and nothing taken, when an edit would touch one that is here already. */
  add(fix: Fix): boolean {
    if (fix.edits.some((edit) => this.#touches(edit))) return false;
    for (const { file, start, end, newText } of fix.edits) {
      const edits = this.#files.get(file) ?? [];
      edits.push({ start, end, newText });
      this.#files.set(file, edits);
    }
    return true;
  }

  get files(): ReadonlyMap<string, readonly TextEdit[]> {
    return this.#files;
  }

  #touches(edit: FileEdit): boolean {
    const inFile = this.#files.get(edit.file) ?? [];
    return inFile.some((taken) => edit.start <= taken.end && taken.start <= edit.end && !adjoins(edit, taken));
  }
}

/** Two removals side by side are independent; an insertion at the same place is not, as its order would matter. */
function adjoins(a: TextEdit, b: TextEdit): boolean {
  const bothCover = a.start < a.end && b.start < b.end;
  return bothCover && (a.end === b.start || b.end === a.start);
}

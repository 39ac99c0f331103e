import type { FileEdit, Fix } from '../engine/rule.ts';

/**
 * Takes fixes that do not touch each other's text. Of two fixes that do, the first is kept; the other is for the next
 * round, when its finding is judged anew.
 */
export class EditSet {
  readonly #files = new Map<string, FileEdit[]>();

  /** False, and nothing taken, when an edit would touch one that is here already. */
  add(fix: Fix): boolean {
    if (fix.edits.some((edit) => this.#touches(edit))) return false;
    for (const edit of fix.edits) {
      const edits = this.#files.get(edit.file) ?? [];
      edits.push(edit);
      this.#files.set(edit.file, edits);
    }
    return true;
  }

  get files(): ReadonlyMap<string, readonly FileEdit[]> {
    return this.#files;
  }

  #touches(edit: FileEdit): boolean {
    const inFile = this.#files.get(edit.file) ?? [];
    return inFile.some((taken) => edit.start <= taken.end && taken.start <= edit.end && !adjoins(edit, taken));
  }
}

/**
 * Two removals side by side are independent; an insertion at the same place is not where its order matters, nor where it
 * would be made twice.
 */
function adjoins(a: FileEdit, b: FileEdit): boolean {
  if (a.anyOrder && b.anyOrder) return a.newText !== b.newText;
  const bothCover = a.start < a.end && b.start < b.end;
  return bothCover && (a.end === b.start || b.end === a.start);
}

/** One file of an archive. */
export interface ArchiveFile {
  readonly name: string;
  readonly data: string;
}

/** A txtar archive: a comment, then files (golang.org/x/tools/txtar). */
export interface Archive {
  readonly comment: string;
  readonly files: readonly ArchiveFile[];
}

/** Reads an archive; a file lasts until the next `-- NAME --` line. */
export function parseTxtar(text: string): Archive {
  const parts = text.split(/^-- (.+) --(?:\r?\n|(?![\s\S]))/m);
  const files: ArchiveFile[] = [];
  for (let at = 1; at < parts.length; at += 2) files.push({ name: parts[at]!.trim(), data: parts[at + 1]! });
  return { comment: parts[0]!, files };
}

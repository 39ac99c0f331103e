import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of all files below a directory that need not be there. */
export function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch {
    return [];
  }
}

/** All that is written below a directory, names included, as one text. */
export function everythingBelow(directory: string): string {
  return filesBelow(directory).map((file) => `${file}\n${readFileSync(file, 'latin1')}`).join('\n');
}

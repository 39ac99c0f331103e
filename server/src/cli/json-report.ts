import { relative } from 'node:path';
import type { ReportedFinding } from '../engine/analysis.ts';
import type { FileEdit, Fix, Place } from '../engine/rule.ts';
import type { SourceFiles } from '../host/source-files.ts';
import { EditorLines } from '../lsp/editor-lines.ts';
import type { Range } from '../syntax/span.ts';
import type { CheckResult } from './check.ts';
import { jsonText } from './json-text.ts';

/**
 * The stable, documented form: docs/json.md. Positions are zero-based and in UTF-16 code units, as in LSP, and a byte
 * order mark does not count. Characters that a terminal might obey are escaped, as JSON allows for any character.
 */
export async function jsonReport(result: CheckResult, files: SourceFiles): Promise<string> {
  const lines = new FileLines(result.texts, files);
  const report = {
    schema: 1,
    findings: await Promise.all(result.findings.map((finding) => findingEntry(finding, lines))),
    unchecked: await Promise.all(
      result.unchecked.map(async ({ at, module, unchecked, why }) => ({
        ...(await lines.place(at)),
        module,
        what: unchecked,
        why,
      })),
    ),
    summary: {
      ...countSeverities(result.findings),
      modules: result.modules,
      requests: result.requests,
      milliseconds: result.milliseconds,
    },
  };
  return jsonText(report);
}

/** How many findings there are of each severity. */
export function countSeverities(findings: readonly ReportedFinding[]): {
  errors: number;
  warnings: number;
  infos: number;
  hints: number;
} {
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  return { errors: count('error'), warnings: count('warning'), infos: count('info'), hints: count('hint') };
}

/** The path as a user of the working directory would write it, with `/`. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return (process.platform === 'win32' ? path.replaceAll('\\', '/') : path) || '.';
}

async function findingEntry(finding: ReportedFinding, lines: FileLines): Promise<object> {
  return {
    rule: finding.rule,
    severity: finding.severity,
    ...(await lines.place(finding.at)),
    message: finding.message,
    ...(finding.module && { module: finding.module }),
    related: await Promise.all(
      (finding.related ?? []).map(async ({ at, message }) => ({ ...(await lines.place(at)), message })),
    ),
    fixes: await Promise.all((finding.fixes ?? []).map((fix) => fixEntry(fix, lines))),
  };
}

async function fixEntry({ title, safety, edits }: Fix, lines: FileLines): Promise<object> {
  return { title, safety, edits: await Promise.all(edits.map((edit) => editEntry(edit, lines))) };
}

async function editEntry(edit: FileEdit, lines: FileLines): Promise<object> {
  return { ...(await lines.place({ file: edit.file, span: edit })), newText: edit.newText };
}

/** Line indexes of the files that are spoken of, made once each. */
class FileLines {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #files: SourceFiles;
  readonly #indexes = new Map<string, Promise<EditorLines>>();

  constructor(texts: ReadonlyMap<string, string>, files: SourceFiles) {
    this.#texts = texts;
    this.#files = files;
  }

  async place({ file, span }: Place): Promise<{ file: string; range: Range }> {
    let index = this.#indexes.get(file);
    if (!index) {
      index = this.#read(file).then((text) => new EditorLines(text));
      this.#indexes.set(file, index);
    }
    return { file: shownPath(file), range: (await index).range(span) };
  }

  async #read(file: string): Promise<string> {
    const known = this.#texts.get(file);
    if (known !== undefined) return known;
    const result = await this.#files.read(file);
    return result.kind === 'text' ? result.text : '';
  }
}

import { CodeActionKind, DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver/node';
import type {
  ChangeAnnotation,
  CodeAction,
  CreateFile,
  Diagnostic,
  TextDocumentEdit,
  WorkspaceEdit,
} from 'vscode-languageserver/node';
import type { ReportedFinding } from '../engine/analysis.ts';
import { printable } from '../engine/printable.ts';
import type { FileEdit, Fix, Severity } from '../engine/rule.ts';
import { LineIndex } from '../syntax/span.ts';
import { uriOfPath } from './places.ts';

/** What turning the engine's values into the protocol's needs to know of the files. */
export interface FileView {
  /** The text that the findings were made from; undefined when there is no such file. */
  text(file: string): string | undefined;
  /** The version of the open document, or null when an editor does not hold the file. */
  version(file: string): number | null;
}

/** The name that diagnostics are listed under. */
export const DIAGNOSTIC_SOURCE = 'Go Module Health';

export function toDiagnostic(finding: ReportedFinding, view: FileView): Diagnostic {
  return {
    range: new LineIndex(view.text(finding.at.file) ?? '').range(finding.at.span),
    severity: SEVERITIES[finding.severity],
    source: DIAGNOSTIC_SOURCE,
    code: finding.rule,
    message: printable(finding.message),
    ...(finding.unnecessary && { tags: [DiagnosticTag.Unnecessary] }),
    ...(finding.related?.length && {
      relatedInformation: finding.related.map(({ at, message }) => ({
        location: { uri: uriOfPath(at.file), range: new LineIndex(view.text(at.file) ?? '').range(at.span) },
        message: printable(message),
      })),
    }),
  };
}

export interface EditAbilities {
  readonly changeAnnotations: boolean;
  readonly createFiles: boolean;
}

/** A quick-fix; undefined when the editor can't do what it needs. */
export function toCodeAction(
  fix: Fix,
  diagnostic: Diagnostic,
  preferred: boolean,
  view: FileView,
  abilities: EditAbilities,
): CodeAction | undefined {
  const edit = toWorkspaceEdit(fix, view, abilities);
  return (
    edit && {
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      ...(preferred && fix.safety === 'safe' && { isPreferred: true }),
      edit,
    }
  );
}

const PREVIEW = 'preview';

export function toWorkspaceEdit(fix: Fix, view: FileView, abilities: EditAbilities): WorkspaceEdit | undefined {
  const annotated = fix.preview === true && abilities.changeAnnotations;
  const changes: (CreateFile | TextDocumentEdit)[] = [];
  for (const [file, edits] of editsByFile(fix)) {
    const text = view.text(file);
    const uri = uriOfPath(file);
    if (text === undefined) {
      if (!abilities.createFiles) return undefined;
      changes.push({ kind: 'create', uri, options: { ignoreIfExists: true } });
    }
    const index = new LineIndex(text ?? '');
    changes.push({
      textDocument: { uri, version: view.version(file) },
      edits: edits.map((edit) => ({
        range: index.range(edit),
        newText: edit.newText,
        ...(annotated && { annotationId: PREVIEW }),
      })),
    });
  }
  const annotation: ChangeAnnotation = { label: fix.title, needsConfirmation: true };
  return { documentChanges: changes, ...(annotated && { changeAnnotations: { [PREVIEW]: annotation } }) };
}

function editsByFile(fix: Fix): Map<string, FileEdit[]> {
  const files = new Map<string, FileEdit[]>();
  for (const edit of fix.edits) files.set(edit.file, [...(files.get(edit.file) ?? []), edit]);
  return files;
}

const SEVERITIES: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

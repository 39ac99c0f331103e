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
import type { FileEdit, Fix, Severity } from '../engine/rule.ts';
import type { FileView } from './file-view.ts';
import { RULE_PAGES, rulePageAddress } from './rule-page-address.ts';
import { shownText } from './shown-text.ts';

/** The name that diagnostics are listed under. */
export const DIAGNOSTIC_SOURCE = 'Go Module Health';

export function toDiagnostic(finding: ReportedFinding, view: FileView): Diagnostic {
  const page = rulePageAddress(RULE_PAGES, finding.rule);
  return {
    range: view.range(finding.at.file, finding.at.span),
    severity: SEVERITIES[finding.severity],
    source: DIAGNOSTIC_SOURCE,
    code: finding.rule,
    ...(page !== undefined && { codeDescription: { href: page } }),
    message: shownText(finding.message),
    ...(finding.unnecessary && { tags: [DiagnosticTag.Unnecessary] }),
    ...(finding.related?.length && {
      relatedInformation: finding.related.map(({ at, message }) => ({
        location: { uri: view.file(at.file).uri, range: view.range(at.file, at.span) },
        message: shownText(message),
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
      title: shownText(fix.title),
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      ...(preferred && fix.safety === 'safe' && { isPreferred: true }),
      edit,
    }
  );
}

const PREVIEW = 'preview';

/** Undefined when the editor can't do what it needs, or a file is no longer as the fix expects it. */
export function toWorkspaceEdit(fix: Fix, view: FileView, abilities: EditAbilities): WorkspaceEdit | undefined {
  const annotated = fix.preview === true && abilities.changeAnnotations;
  const changes: (CreateFile | TextDocumentEdit)[] = [];
  for (const [file, edits] of editsByFile(fix)) {
    const { uri, text, version } = view.file(file);
    if (edits.some((edit) => !fits(edit, text ?? ''))) return undefined;
    if (text === undefined) {
      if (!abilities.createFiles) return undefined;
      changes.push({ kind: 'create', uri, options: { ignoreIfExists: true } });
    }
    changes.push({
      textDocument: { uri, version },
      edits: edits.map((edit) => ({
        range: view.range(file, edit),
        newText: edit.newText,
        ...(annotated && { annotationId: PREVIEW }),
      })),
    });
  }
  const annotation: ChangeAnnotation = { label: shownText(fix.title), needsConfirmation: true };
  return { documentChanges: changes, ...(annotated && { changeAnnotations: { [PREVIEW]: annotation } }) };
}

function fits({ start, end, expects }: FileEdit, text: string): boolean {
  return end <= text.length && (expects === undefined || text.slice(start, end) === expects);
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

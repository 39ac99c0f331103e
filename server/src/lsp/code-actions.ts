import { CodeActionKind, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { CodeAction, CodeActionParams } from 'vscode-languageserver/node';
import type { ReportedFinding } from '../engine/analysis.ts';
import type { Fix } from '../engine/rule.ts';
import { rules } from '../engine/rules/index.ts';
import { EditSet } from '../host/edit-set.ts';
import { LineIndex } from '../syntax/span.ts';
import { toCodeAction, toDiagnostic } from './conversion.ts';
import type { EditAbilities } from './conversion.ts';
import { viewOf } from './file-view.ts';
import type { FileView, ViewedFile } from './file-view.ts';
import type { OpenDocuments } from './open-documents.ts';
import { pathOfUri, uriOfPath } from './places.ts';
import type { Workbench } from './workbench.ts';

/** How long a request waits for answers that a fix needs, in milliseconds. */
const WAIT_MILLISECONDS = 2000;

export interface CodeActionContext {
  readonly documents: OpenDocuments;
  readonly abilities: EditAbilities;
  workbench(): Promise<Workbench>;
}

/**
 * The fixes of the findings at a place, made from the files as they are now.
 * @throws ResponseError ContentModified when the documents change meanwhile, so that the edits would miss their places.
 */
export async function codeActions(
  { textDocument, range, context }: CodeActionParams,
  cancelled: AbortSignal,
  { documents, abilities, workbench: open }: CodeActionContext,
): Promise<CodeAction[]> {
  const path = pathOfUri(textDocument.uri);
  const document = path === undefined ? undefined : documents.get(path);
  if (path === undefined || !document || !isWanted(context.only)) return [];
  const workbench = await open();
  const place = await workbench.placeOf(path);
  if (!place) return [];
  const { project } = await workbench.load(place);
  const view = viewOf(project, documents);
  if (!view) throw contentModified();

  const signal = AbortSignal.any([AbortSignal.timeout(WAIT_MILLISECONDS), cancelled]);
  const { findings } = await workbench.inspect(project, signal);
  if (cancelled.aborted) return [];
  const inFile = findings.filter(({ at }) => at.file === path);
  const fullView = view.with(await editedFiles(inFile, view, documents, workbench));
  if (!fullView.isCurrent(documents)) throw contentModified();

  const lines = new LineIndex(document.text);
  const [start, end] = [lines.offset(range.start), lines.offset(range.end)];
  const actions = inFile
    .filter(({ at }) => at.span.start <= end && start <= at.span.end)
    .flatMap((finding) => {
      const diagnostic = toDiagnostic(finding, fullView);
      const fixes = [...(finding.fixes ?? []), ...fixAll(finding, inFile)];
      return fixes.map((fix, index) => toCodeAction(fix, diagnostic, index === 0, fullView, abilities));
    })
    .filter((action) => action !== undefined);
  return eachOnce(actions);
}

/** One fix for several findings, such as the two lines that go.sum lacks of one module, is offered once, for all of them. */
function eachOnce(actions: readonly CodeAction[]): CodeAction[] {
  const byEdit = new Map<string, CodeAction>();
  for (const action of actions) {
    const key = JSON.stringify([action.title, action.edit]);
    const first = byEdit.get(key);
    const diagnostics = [...(first?.diagnostics ?? []), ...(action.diagnostics ?? [])];
    byEdit.set(key, { ...action, ...first, ...(diagnostics.length > 0 && { diagnostics }) });
  }
  return [...byEdit.values()];
}

/** A kind that is asked for stands for those below it too; nothing stands for all. */
function isWanted(only: readonly string[] | undefined): boolean {
  return only === undefined || only.some((kind) => kind === '' || kind === CodeActionKind.QuickFix);
}

function contentModified(): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.ContentModified, 'The documents changed while their fixes were looked for.');
}

/** The files that fixes edit beside those of the project. */
async function editedFiles(
  findings: readonly ReportedFinding[],
  view: FileView,
  documents: OpenDocuments,
  workbench: Workbench,
): Promise<Map<string, ViewedFile>> {
  const edits = findings.flatMap(({ fixes }) => fixes ?? []).flatMap((fix) => fix.edits);
  const files = new Map<string, ViewedFile>();
  for (const path of new Set(edits.map(({ file }) => file))) {
    if (view.file(path).text !== undefined) continue;
    const document = documents.get(path);
    files.set(path, document ?? { uri: uriOfPath(path), text: await workbench.text(path), version: null });
  }
  return files;
}

/** The first, safe fixes of all findings of the same rule in the file, as one action. */
function fixAll(finding: ReportedFinding, inFile: readonly ReportedFinding[]): Fix[] {
  const title = rules.find(({ name }) => name === finding.rule)?.fixAllTitle;
  if (!title) return [];
  const edits = new EditSet();
  const taken: Fix[] = [];
  for (const { rule, fixes } of inFile) {
    const first = rule === finding.rule ? fixes?.[0] : undefined;
    if (first?.safety === 'safe' && edits.add(first)) taken.push(first);
  }
  if (taken.length < 2) return [];
  return [{ title: title(taken.length), safety: 'safe', edits: taken.flatMap(({ edits: own }) => own) }];
}

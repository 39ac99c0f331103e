import { CodeActionTriggerKind, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { CodeAction, CodeActionParams } from 'vscode-languageserver/node';
import { namesOtherFiles } from '../engine/readonly-module.ts';
import type { FileEdit } from '../engine/rule.ts';
import type { MainModule, Project } from '../engine/project.ts';
import { goTidy } from '../host/go-tidy.ts';
import type { CodeActionContext } from './code-actions.ts';
import { toWorkspaceEdit } from './conversion.ts';
import { textDifference } from './features/text-difference.ts';
import { viewOf } from './file-view.ts';
import { oneLine } from './one-line.ts';
import { pathOfUri } from './places.ts';
import { rebuiltSum } from './sum-rebuilding.ts';
import { EXPLAIN_VERSION, findRequirement } from './version-report.ts';

/** What a client must be able to do for these actions. */
export interface SourceActionAbilities {
  /** It asks for the edit when the action is chosen, which may take a while. */
  readonly resolvesEdits: boolean;
  /** It shows the report that a command answers. */
  readonly showsReports: boolean;
}

const TITLES: Readonly<Record<string, string>> = {
  'source.rebuildGoSum': 'Rebuild go.sum…',
  'source.cleanAndRebuild': 'Clean and rebuild go.mod and go.sum (go mod tidy)…',
};

/** The kinds of these actions; `source` stands for all of them. */
export const SOURCE_KINDS = Object.keys(TITLES);

/**
 * Actions on whole files, whose edits are made when they are chosen, and the explanation of a requirement. None is offered
 * in a workspace that is not trusted: they use the network, and one starts the go command.
 */
export async function sourceActions(
  { textDocument: { uri }, range, context: { only, triggerKind } }: CodeActionParams,
  abilities: SourceActionAbilities,
  { documents, workbench: open }: CodeActionContext,
): Promise<CodeAction[]> {
  const path = pathOfUri(uri);
  const document = path === undefined ? undefined : documents.get(path);
  if (path === undefined || !document || !/\/go\.(?:mod|sum)$/.test(path)) return [];
  const workbench = await open();
  if (workbench.settings.reach === 'off') return [];
  const actions: CodeAction[] = [];
  if (abilities.resolvesEdits) {
    const kinds = SOURCE_KINDS.filter((kind) => only === undefined || only.some((wanted) => wanted === '' || `${kind}.`.startsWith(`${wanted}.`)));
    const isOnline = workbench.settings.reach === 'on';
    const offered = kinds.filter((kind) => isOnline || kind !== 'source.cleanAndRebuild');
    actions.push(...offered.map((kind) => ({ title: TITLES[kind]!, kind, data: { kind, uri } })));
  }
  // A lightbulb is to mean that something can be mended.
  const isAsked = triggerKind !== CodeActionTriggerKind.Automatic && only === undefined;
  const found = abilities.showsReports && isAsked ? await findRequirement(workbench, uri, range.start) : undefined;
  if (!found) return actions;
  const title = `Explain the version of ${oneLine(found.requirement.path.value)}`;
  return [...actions, { title, command: { title, command: EXPLAIN_VERSION, arguments: [uri, range.start] } }];
}

/**
 * Makes the edit of an action, with a preview where the client has one.
 * @throws ResponseError RequestFailed with the reason when there is no edit to be made; nothing has changed then
 */
export async function resolveSourceAction(
  action: CodeAction,
  signal: AbortSignal,
  { documents, abilities, workbench: open }: CodeActionContext,
): Promise<CodeAction> {
  const { kind, uri } = (action.data ?? {}) as { kind?: unknown; uri?: unknown };
  if (typeof kind !== 'string' || typeof uri !== 'string' || !Object.hasOwn(TITLES, kind)) return action;
  const path = pathOfUri(uri);
  const workbench = await open();
  const place = path === undefined ? undefined : await workbench.placeOf(path);
  if (!place) throw refused('The file is in no Go module.');
  const { project } = await workbench.load(place);
  const main = project.modules.find(({ directory }) => path === `${directory}/go.mod` || path === `${directory}/go.sum`);
  const view = viewOf(project, documents);
  if (!main || !view) throw refused('The file changed meanwhile.');
  const { reach, reachReason } = workbench.settings;
  if (reach === 'off' || (kind === 'source.cleanAndRebuild' && reach !== 'on')) throw refused(`It is not done: ${reachReason}.`);
  const edits =
    kind === 'source.rebuildGoSum'
      ? await sumEdits(project, main, (look) => workbench.settle(look, signal))
      : await tidyEdits(main, project, signal);
  if (edits.length === 0) throw refused('Nothing is to be changed.');
  if (!view.isCurrent(documents)) throw new ResponseError(LSPErrorCodes.ContentModified, 'The documents changed meanwhile.');
  const title = kind === 'source.rebuildGoSum' ? 'Rebuild go.sum' : 'Clean and rebuild go.mod and go.sum';
  const edit = toWorkspaceEdit({ title, safety: 'unsafe', preview: true, edits }, view, abilities);
  if (!edit) throw refused('The editor can make no new file.');
  return { ...action, edit };
}

type Settle = Parameters<typeof rebuiltSum>[2];

async function sumEdits(project: Project, main: MainModule, settle: Settle): Promise<FileEdit[]> {
  const rebuilt = await rebuiltSum(project, main, settle);
  switch (rebuilt.state) {
    case 'pending':
      throw refused('It was cancelled.');
    case 'unavailable':
      throw refused(`go.sum can't be made anew: ${rebuilt.why}`);
    case 'mismatch': {
      const { line, database, signed } = rebuilt;
      throw refused(`${line.path}@${line.version}: checksum mismatch: go.sum has ${line.hash}, ${database} has signed ${signed}.`);
    }
    case 'known': {
      const isSame = rebuilt.added.length === 0 && rebuilt.removed.length === 0;
      return isSame ? [] : changeOf(`${main.directory}/go.sum`, main.sum?.text ?? '', rebuilt.text);
    }
  }
}

/** On copies of what the editor holds, so that a failure leaves everything as it is. */
async function tidyEdits(main: MainModule, { environment }: Project, signal: AbortSignal): Promise<FileEdit[]> {
  if (namesOtherFiles(environment)) throw refused('GOFLAGS names another go.mod or an overlay, which is not rebuilt.');
  if (!main.mod.editable || main.sum?.editable === false) throw refused('go.mod or go.sum is no UTF-8 text.');
  const tidied = await goTidy(main.directory, { mod: main.mod.text, sum: main.sum?.text }, { env: process.env, signal });
  if (tidied.kind === 'no-go') throw refused('The go command is not installed; Rebuild go.sum does without it.');
  if (tidied.kind === 'failed') throw refused(`${tidied.command} failed: ${tidied.words}`);
  return [
    ...changeOf(main.mod.path, main.mod.text, tidied.texts.mod),
    ...changeOf(`${main.directory}/go.sum`, main.sum?.text ?? '', tidied.texts.sum ?? ''),
  ];
}

function changeOf(file: string, before: string, after: string): FileEdit[] {
  return textDifference(before, after).map((edit) => ({ file, ...edit }));
}

function refused(why: string): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestFailed, oneLine(why));
}

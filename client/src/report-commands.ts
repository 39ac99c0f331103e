import { ProgressLocation, window, type Progress } from 'vscode';
import type { ModuleServer } from './module-server.ts';
import type { ReportView } from './report-view.ts';

/** A command of the server whose answer is a text to read. */
export interface ReportCommand {
  /** Its name here and at the server (package.json, contributes.commands). */
  readonly command: string;
  /** Of its progress. */
  readonly title: string;
  /** The name of the tab. */
  readonly tab: string;
  /** What a message says before the reason, when there is no report. */
  readonly failure: string;
  /** It is about a place in a file: the one that its arguments name, or else that of the cursor. */
  readonly atCursor?: boolean;
}

export const reportCommands: readonly ReportCommand[] = [
  {
    command: 'gomodHealth.verifyModuleTags',
    title: 'Verifying module tags',
    tab: 'Module Tags',
    failure: 'The module tags could not be verified',
  },
  {
    command: 'gomodHealth.showGoEnvironment',
    title: "Reading Go's environment",
    tab: 'Go Environment',
    failure: "Go's environment could not be read",
  },
  {
    command: 'gomodHealth.compareProxies',
    title: 'Comparing proxies',
    tab: 'Go Module Proxies',
    failure: 'The proxies were not compared',
  },
  {
    command: 'gomodHealth.explainVersion',
    title: 'Reading the module graph',
    tab: 'Module Version',
    failure: 'The version could not be explained',
    atCursor: true,
  },
];

/** What the server answers: a one-line summary, and a plain text whose tables are aligned. */
interface Report {
  readonly summary: string;
  readonly text: string;
}

/** Has the server make a report, with progress and a way to cancel, and shows it. */
export async function showReport(
  { command, title, tab, failure, atCursor }: ReportCommand,
  server: ModuleServer,
  reports: ReportView,
  given: readonly unknown[] = [],
): Promise<void> {
  const args = atCursor ? placeOf(given) : [];
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  const answer = await window.withProgress(options, async (progress, token) => {
    try {
      return (await server.execute(command, token, percentReporter(progress), args)) as Report;
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      const why = error instanceof Error ? error.message : String(error);
      void window.showErrorMessage(`${failure}: ${why}`);
      return undefined;
    }
  });
  if (answer === undefined) return;
  await reports.show(tab, answer.text);
  // Not awaited: it resolves only when the user closes the message.
  void window.showInformationMessage(answer.summary);
}

/** A document's URI and a position. A menu names the document alone. */
function placeOf(given: readonly unknown[]): readonly unknown[] {
  const editor = window.activeTextEditor;
  if (given.length === 2 || !editor) return given;
  const { line, character } = editor.selection.active;
  return [editor.document.uri.toString(), { line, character }];
}

/** Passes a server's progress on. LSP counts percentages up to the present, VS Code counts the steps between them. */
function percentReporter(progress: Progress<{ message?: string; increment?: number }>) {
  let shown = 0;
  return ({ message, percentage }: { message?: string; percentage?: number }): void => {
    const increment = Math.max(0, (percentage ?? shown) - shown);
    shown += increment;
    progress.report(message === undefined ? { increment } : { message, increment });
  };
}

import { ProgressLocation, window, type Progress } from 'vscode';
import type { ModuleServer } from './module-server.ts';
import type { ReportView } from './report-view.ts';

/** What the server answers: a one-line summary and a table in aligned plain text. */
interface VerifiedTags {
  readonly summary: string;
  readonly text: string;
}

/** Asks the server about every requirement of the workspace, with progress and a way to cancel, and shows its table. */
export async function verifyModuleTags(server: ModuleServer, reports: ReportView): Promise<void> {
  const options = { location: ProgressLocation.Notification, title: 'Verifying module tags', cancellable: true };
  const answer = await window.withProgress(options, async (progress, token) => {
    try {
      const report = percentReporter(progress);
      return (await server.execute('gomodHealth.verifyModuleTags', token, report)) as VerifiedTags;
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      const why = error instanceof Error ? error.message : String(error);
      void window.showErrorMessage(`The module tags could not be verified: ${why}`);
      return undefined;
    }
  });
  if (answer === undefined) return;
  await reports.show('Module Tags', answer.text);
  // Not awaited: it resolves only when the user closes the message.
  void window.showInformationMessage(answer.summary);
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

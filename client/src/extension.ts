import { commands, extensions, window, workspace, type ExtensionContext } from 'vscode';
import { connectionSettings } from './connection-settings.ts';
import { ReportView } from './report-view.ts';
import { ModuleServer } from './module-server.ts';
import { createStatusItem } from './status-item.ts';
import { reportCommands, showReport } from './report-commands.ts';

/** Called by VS Code when a go.mod, go.sum or go.work is opened, or a command of this extension is chosen. */
export async function activate(context: ExtensionContext): Promise<void> {
  const output = window.createOutputChannel('Go Module Health', { log: true });
  const server = new ModuleServer(context.asAbsolutePath('dist/gomod-health.cjs'), output);
  const reports = new ReportView();
  context.subscriptions.push(
    output,
    server,
    reports,
    createStatusItem(server),
    ...reportCommands.map((entry) =>
      commands.registerCommand(entry.command, (...args: unknown[]) => showReport(entry, server, reports, args)),
    ),
    commands.registerCommand('gomodHealth.restartServer', () => server.restart()),
    commands.registerCommand('gomodHealth.showOutput', () => output.show()),
    workspace.onDidGrantWorkspaceTrust(() => server.trustGranted()),
    extensions.onDidChange(() => server.goplsMayHaveChanged()),
    workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration('go.useLanguageServer')) await server.goplsMayHaveChanged();
      if (connectionSettings.some((name) => change.affectsConfiguration(name))) await server.restart();
    }),
  );
  await server.start();
}

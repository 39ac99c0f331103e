import { languages, type Disposable } from 'vscode';
import { moduleFiles, type ModuleServer } from './module-server.ts';

/** The entry behind the `{}` of the status bar that says what the server does, shown with the module files. */
export function createStatusItem(server: ModuleServer): Disposable {
  const item = languages.createLanguageStatusItem('gomodHealth.status', moduleFiles);
  item.name = 'Go Module Health';
  item.command = { command: 'gomodHealth.showOutput', title: 'Show Output' };
  const showRunning = (running: boolean): void => {
    item.text = running ? 'Go Module Health' : 'Go Module Health is not running';
    item.detail = '';
    item.busy = false;
  };
  showRunning(false);
  const running = server.onRunning(showRunning);
  const status = server.onStatus(({ text, tooltip, busy }) => {
    item.text = text;
    item.detail = tooltip;
    item.busy = busy;
  });
  return {
    dispose(): void {
      status.dispose();
      running.dispose();
      item.dispose();
    },
  };
}

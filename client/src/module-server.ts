import { extensions, window, workspace, type Disposable, type LogOutputChannel } from 'vscode';
import {
  CodeActionRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExecuteCommandRequest,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TextDocumentSyncKind,
  TransportKind,
  WorkDoneProgress,
  type CancellationToken,
  type DynamicFeature,
  type LanguageClientOptions,
  type MessageSignature,
  type StaticFeature,
  type WorkDoneProgressBegin,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import { tickPreviews } from './ticked-preview.ts';

/** What the server says about its work with `gomodHealth/status`. */
export interface ServerStatus {
  readonly text: string;
  readonly tooltip: string;
  readonly busy: boolean;
}

/** The files that the server answers for. Only those on a disk: a `git:` diff has no module around it. */
export const moduleFiles = ['go.mod', 'go.sum', 'go.work'].map((language) => ({ scheme: 'file', language }));

const goFiles = [{ scheme: 'file', language: 'go' }];

/** What may change the findings on the disk: the module files, their imports, and what is vendored. */
const watchedFiles = '**/{go.mod,go.sum,go.work,go.work.sum,*.go,vendor/modules.txt}';

/** The server's commands that the extension registers itself (package.json, contributes.commands). */
const ownCommands: readonly string[] = ['gomodHealth.verifyModuleTags'];

/** The language server's process and the connection to it. */
export class ModuleServer implements Disposable {
  readonly #client: LanguageClient;
  readonly #watcher = workspace.createFileSystemWatcher(watchedFiles);
  /** What is offered beside gopls is agreed at the start, so a change of that is a new start. */
  readonly #agreements = [
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('gomodHealth.languageFeatures')) void this.restart();
    }),
    extensions.onDidChange(() => {
      if (isGoplsActive() !== this.#goplsActive) void this.restart();
    }),
  ];
  #goplsActive = isGoplsActive();

  /** @param bundle The absolute path of the server's bundle. */
  constructor(bundle: string, output: LogOutputChannel) {
    const options: LanguageClientOptions = {
      documentSelector: moduleFiles,
      diagnosticCollectionName: 'gomod-health',
      outputChannel: output,
      // A server that can't be reached is told in a message; the output comes forward only on demand.
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions,
      synchronize: { fileEvents: this.#watcher },
      middleware: { sendRequest: withTickedPreviews },
    };
    // The client's id is also the section of its trace setting, gomodHealth.trace.server.
    const run = { module: bundle, args: ['lsp'], transport: TransportKind.ipc };
    this.#client = new PaletteClient('gomodHealth', 'Go Module Health', { run, debug: run }, options);
    this.#client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) this.#sendGoFiles();
    });
  }

  /** Starts the server. A failure is shown to the user, and leaves the commands to try again or read the output. */
  async start(): Promise<void> {
    this.#goplsActive = isGoplsActive();
    try {
      await this.#client.start();
    } catch (error) {
      this.#client.outputChannel.error(error instanceof Error ? error : String(error));
      await this.#offerHelp('The language server of Go Module Health could not be started.');
    }
  }

  /** Ends the server, if it runs, and starts it anew with the settings and the trust of now. */
  async restart(): Promise<void> {
    if (this.#client.needsStop()) await this.#client.stop();
    await this.start();
  }

  /** Tells the server that the user trusts the folders now: it may use the network and git. */
  async trustGranted(): Promise<void> {
    if (this.#client.isRunning()) await this.#client.sendNotification('gomodHealth/trustChanged', { trusted: true });
  }

  /**
   * Executes a command of the server.
   * @param progress Told of the server's work-done progress.
   * @returns The server's answer, of the command's own type.
   * @throws When the server does not run, fails, or was cancelled.
   */
  async execute(
    command: string,
    token: CancellationToken,
    progress: (value: WorkDoneProgressBegin | WorkDoneProgressReport) => void,
  ): Promise<unknown> {
    const workDoneToken = `${command}-${Date.now()}`;
    const listener = this.#client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind !== 'end') progress(value);
    });
    try {
      return await this.#client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [], workDoneToken }, token);
    } finally {
      listener.dispose();
    }
  }

  onStatus(listener: (status: ServerStatus) => void): Disposable {
    return this.#client.onNotification('gomodHealth/status', listener);
  }

  /** @param listener Told whenever the server starts to run or no longer does. */
  onRunning(listener: (running: boolean) => void): Disposable {
    return this.#client.onDidChangeState(({ newState }) => listener(newState === State.Running));
  }

  dispose(): void {
    this.#watcher.dispose();
    for (const agreement of this.#agreements) agreement.dispose();
    void this.#client.dispose();
  }

  /**
   * Sends the open Go files too, whose unsaved imports a fix must find. They are not in the document selector: the server
   * would then count as a formatter and a source of hovers for Go, beside gopls.
   */
  #sendGoFiles(): void {
    const id = 'gomodHealth.goFiles';
    const registerOptions = { documentSelector: goFiles };
    this.#client.getFeature(DidOpenTextDocumentNotification.method).register({ id, registerOptions });
    this.#client.getFeature(DidChangeTextDocumentNotification.method).register({
      id,
      registerOptions: { ...registerOptions, syncKind: TextDocumentSyncKind.Incremental },
    });
    this.#client.getFeature(DidCloseTextDocumentNotification.method).register({ id, registerOptions });
  }

  async #offerHelp(message: string): Promise<void> {
    const showOutput = 'Show Output';
    const choice = await window.showErrorMessage(message, showOutput);
    if (choice === showOutput) this.#client.outputChannel.show();
  }
}

/** Looks at the server's own answers, because VS Code's edits don't tell which of them need confirmation. */
async function withTickedPreviews<P, R>(
  type: string | MessageSignature,
  params: P | undefined,
  token: CancellationToken | undefined,
  next: (type: string | MessageSignature, params?: P, token?: CancellationToken) => Promise<R>,
): Promise<R> {
  const answer = await next(type, params, token);
  const method = typeof type === 'string' ? type : type.method;
  return method === CodeActionRequest.method && Array.isArray(answer) ? (tickPreviews(answer) as R) : answer;
}

function initializationOptions(): object {
  const settings = workspace.getConfiguration('gomodHealth');
  return {
    trusted: workspace.isTrusted,
    network: settings.get('network'),
    rules: settings.get('rules'),
    documentationHost: settings.get('documentationHost'),
    languageFeatures: settings.get('languageFeatures'),
    goplsActive: isGoplsActive(),
  };
}

/** The Go extension is there, or will be when it is activated with the same files, and starts gopls. */
function isGoplsActive(): boolean {
  const isInstalled = extensions.getExtension('golang.go') !== undefined;
  return isInstalled && workspace.getConfiguration('go').get('useLanguageServer') !== false;
}

/**
 * A client that does not register the server's commands which the extension offers itself, under the same names but with
 * progress and a view.
 */
class PaletteClient extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    if ('registrationType' in feature && feature.registrationType.method === ExecuteCommandRequest.method) {
      const commands = feature as DynamicFeature<{ readonly commands: readonly string[] }>;
      const register = commands.register.bind(commands);
      commands.register = ({ id, registerOptions }) => {
        const others = registerOptions.commands.filter((command) => !ownCommands.includes(command));
        register({ id, registerOptions: { ...registerOptions, commands: others } });
      };
    }
    super.registerFeature(feature);
  }
}

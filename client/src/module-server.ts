import { randomUUID } from 'node:crypto';
import { EventEmitter, extensions, window, workspace, type Disposable, type LogOutputChannel } from 'vscode';
import {
  CloseAction,
  CodeActionRequest,
  CodeActionResolveRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TextDocumentSyncKind,
  TransportKind,
  WorkDoneProgress,
  type CancellationToken,
  type CodeAction,
  type DynamicFeature,
  type LanguageClientOptions,
  type MessageSignature,
  type StaticFeature,
  type WorkDoneProgressBegin,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import { connectionEnvironment } from './connection-settings.ts';
import { reportCommands } from './report-commands.ts';
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

/** What may change the findings on the disk: the module files, their imports, what is vendored, and what was committed. */
const watchedFiles = '**/{go.mod,go.sum,go.work,go.work.sum,*.go,vendor/modules.txt,.git/logs/HEAD}';

/** The server's commands that the extension registers itself (package.json, contributes.commands). */
const ownCommands: readonly string[] = reportCommands.map(({ command }) => command);

/** A server that stops more often than this within the span is not started again on its own. */
const forgivenStops = 4;
const forgivenSpanMilliseconds = 3 * 60_000;

/** The language server's process and the connection to it. */
export class ModuleServer implements Disposable {
  readonly #bundle: string;
  readonly #output: LogOutputChannel;
  readonly #watcher = workspace.createFileSystemWatcher(watchedFiles);
  readonly #status = new EventEmitter<ServerStatus>();
  readonly #running = new EventEmitter<boolean>();
  /** Of the server that is to run now. A client that failed to start can't be started again, so each start makes one. */
  #client: LanguageClient | undefined;
  /** What the server was told of gopls. */
  #goplsActive = isGoplsActive();
  /** When the server stopped unasked, in milliseconds since 1970. */
  #stops: number[] = [];

  readonly onStatus = this.#status.event;
  /** Tells whether the server has begun to run, or no longer does. */
  readonly onRunning = this.#running.event;

  /** @param bundle The absolute path of the server's bundle. */
  constructor(bundle: string, output: LogOutputChannel) {
    this.#bundle = bundle;
    this.#output = output;
  }

  /** Starts the server. A failure is shown to the user, and leaves the commands to try again or read the output. */
  async start(): Promise<void> {
    this.#goplsActive = isGoplsActive();
    const client = this.#createClient();
    this.#client = client;
    try {
      await client.start();
    } catch (error) {
      this.#output.error(error instanceof Error ? error : String(error));
      if (client === this.#client) void this.#offerHelp('The server of Go Module Health could not be started.');
    }
  }

  /** Ends the server, if it runs, and starts it anew with the settings and the trust of now. */
  async restart(): Promise<void> {
    this.#stops = [];
    await this.#end();
    await this.start();
  }

  /** Starts the server anew if gopls has come or gone: the capabilities of a server do not change while it runs. */
  async goplsMayHaveChanged(): Promise<void> {
    if (this.#client !== undefined && isGoplsActive() !== this.#goplsActive) await this.restart();
  }

  /** Tells the server that the user trusts the folders now: it may use the network and git. */
  async trustGranted(): Promise<void> {
    if (this.#client?.isRunning()) await this.#client.sendNotification('gomodHealth/trustChanged', { trusted: true });
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
    args: readonly unknown[] = [],
  ): Promise<unknown> {
    if (!this.#client?.isRunning()) throw new Error('the server does not run; use the command “Restart Server”.');
    const workDoneToken = randomUUID();
    const listener = this.#client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind !== 'end') progress(value);
    });
    try {
      return await this.#client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [...args], workDoneToken }, token);
    } finally {
      listener.dispose();
    }
  }

  dispose(): void {
    void this.#end();
    this.#watcher.dispose();
    this.#status.dispose();
    this.#running.dispose();
  }

  #createClient(): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: moduleFiles,
      diagnosticCollectionName: 'gomod-health',
      outputChannel: this.#output,
      initializationOptions,
      synchronize: { fileEvents: this.#watcher },
      middleware: { sendRequest: withTickedPreviews },
      // What goes wrong is told once, by this class, which also starts the server again.
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
      },
    };
    // The client's id is also the section of its trace setting, gomodHealth.trace.server.
    const run = {
      module: this.#bundle,
      args: ['lsp'],
      transport: TransportKind.ipc,
      options: { env: connectionEnvironment() },
    };
    const client = new QuietClient('gomodHealth', 'Go Module Health', { run, debug: run }, options);
    client.onNotification('gomodHealth/status', (status: ServerStatus) => this.#status.fire(status));
    client.onDidChangeState(({ oldState, newState }) => {
      if (client !== this.#client) return;
      this.#running.fire(newState === State.Running);
      if (newState === State.Running) sendGoFiles(client);
      else if (oldState === State.Running) void this.#stopped();
    });
    return client;
  }

  async #end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    try {
      if (client?.isRunning()) await client.dispose();
    } catch (error) {
      // The process is ended by its client even if it did not answer.
      this.#output.warn(`The server did not end by itself: ${String(error)}`);
    }
  }

  /** Starts a server again that stopped unasked, unless it does so again and again. */
  async #stopped(): Promise<void> {
    const now = Date.now();
    this.#stops = [...this.#stops.filter((time) => now - time < forgivenSpanMilliseconds), now];
    if (this.#stops.length <= forgivenStops) await this.start();
    else await this.#offerHelp('The server of Go Module Health stopped again and again, and is not started any more.');
  }

  async #offerHelp(message: string): Promise<void> {
    const restart = 'Restart Server';
    const showOutput = 'Show Output';
    const choice = await window.showErrorMessage(message, restart, showOutput);
    if (choice === restart) await this.restart();
    if (choice === showOutput) this.#output.show();
  }
}

/**
 * Sends the open Go files too, whose unsaved imports a fix must find. They are not in the document selector: the server
 * would then count as a formatter and a source of hovers for Go, beside gopls.
 */
function sendGoFiles(client: LanguageClient): void {
  const id = 'gomodHealth.goFiles';
  const registerOptions = { documentSelector: goFiles };
  const changeOptions = { ...registerOptions, syncKind: TextDocumentSyncKind.Incremental } as const;
  client.getFeature(DidOpenTextDocumentNotification.method).register({ id, registerOptions });
  client.getFeature(DidChangeTextDocumentNotification.method).register({ id, registerOptions: changeOptions });
  client.getFeature(DidCloseTextDocumentNotification.method).register({ id, registerOptions });
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
  if (method === CodeActionRequest.method && Array.isArray(answer)) return tickPreviews(answer) as R;
  return method === CodeActionResolveRequest.method ? (tickPreviews([answer as CodeAction])[0] as R) : answer;
}

function initializationOptions(): object {
  const settings = workspace.getConfiguration('gomodHealth');
  return {
    trusted: workspace.isTrusted,
    showsReports: true,
    network: settings.get('network'),
    rules: settings.get('rules'),
    besideGopls: settings.get('besideGopls'),
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

class QuietClient extends LanguageClient {
  /** Writes to the output and shows no message. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /**
   * Leaves out the server's commands that the extension offers itself, under the same names but with progress and a view.
   */
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

import {
  CodeActionKind,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  ExecuteCommandRequest,
  LSPErrorCodes,
  ProposedFeatures,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
  createConnection,
} from 'vscode-languageserver/node';
import type {
  CancellationToken,
  Connection,
  ExecuteCommandParams,
  InitializeParams,
  InitializeResult,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { VERSION } from './version.ts';
import { readGoEnvironment } from '../host/go-environment.ts';
import type { Trace } from '../net/http.ts';
import { Checking } from './checking.ts';
import { codeActions } from './code-actions.ts';
import type { CodeActionContext } from './code-actions.ts';
import { DIAGNOSTIC_SOURCE } from './conversion.ts';
import type { EditAbilities } from './conversion.ts';
import { documentationAddress } from './features/documentation-host.ts';
import { languageFeatureCapabilities, registerLanguageFeatures } from './features/language-features.ts';
import { readOfferedFeatures } from './features/offered-features.ts';
import { openNetwork } from './network.ts';
import { OpenDocuments } from './open-documents.ts';
import { isModuleFile, pathOfUri } from './places.ts';
import { reportCommands } from './report-commands.ts';
import type { ReportScene } from './report-commands.ts';
import { requestLine } from './request-line.ts';
import { readSettings } from './settings.ts';
import { CannotReport } from './shown-report.ts';
import { shownText } from './shown-text.ts';
import type { ShownReport } from './shown-report.ts';
import { SOURCE_KINDS, resolveSourceAction, sourceActions } from './source-actions.ts';
import type { SourceActionAbilities } from './source-actions.ts';
import { explainRequirement } from './version-hover.ts';
import { Workbench } from './workbench.ts';

/** The files whose changes on the disk bear on findings, for clients that let the server say so. */
const WATCHED_FILES = '**/{go.mod,go.sum,go.work,go.work.sum,*.go,vendor/modules.txt,.git/logs/HEAD}';

/** Runs the language server over the transport that the command line names, until the client ends it. */
export async function startLanguageServer(): Promise<void> {
  // Without a reader there is nothing left to do, and nobody to tell.
  process.stdout.once('error', () => process.exit(1));
  const connection = createConnection(ProposedFeatures.all);
  new LanguageServer(connection).listen();
  await new Promise<never>(() => undefined);
}

/** What the server works with under one set of settings. */
interface Session extends ReportScene {
  close(): Promise<void>;
}

class LanguageServer {
  readonly #connection: Connection;
  readonly #documents = new TextDocuments(TextDocument);
  readonly #open = new OpenDocuments();
  readonly #checking: Checking;
  #params: InitializeParams | undefined;
  #section: Readonly<Record<string, unknown>> = {};
  /** Resolves when the client's settings are known, before which nothing may be asked of anyone. */
  #configured: Promise<void> = Promise.resolve();
  #settingsKnown = (): void => undefined;
  #trusted = true;
  #offered = readOfferedFeatures(undefined);
  #folders: string[] = [];
  #session: Promise<Session> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#checking = new Checking({
      documents: this.#open,
      workbench: () => this.#workbench(),
      publish: (diagnostics) => void connection.sendDiagnostics(diagnostics),
      status: (status) => void connection.sendNotification('gomodHealth/status', status),
      warn: (message) => connection.console.warn(shownText(message)),
    });
  }

  listen(): void {
    const connection = this.#connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onInitialized(() => this.#guard(() => this.#initialized()));
    connection.onDidChangeConfiguration(({ settings }) => this.#guard(() => this.#configure(settings)));
    connection.onDidChangeWatchedFiles(({ changes }) => this.#guard(() => this.#filesChanged(changes.map(({ uri }) => uri))));
    connection.onNotification('gomodHealth/trustChanged', (params: { trusted?: unknown } | undefined) => {
      this.#trusted = params?.trusted === true;
      this.#guard(() => this.#restart());
    });
    connection.onCodeAction(async (params, token) => {
      const context = this.#actionContext();
      const fixes = await codeActions(params, signalOf(token), context);
      return [...fixes, ...(await sourceActions(params, this.#sourceActionAbilities(), context))];
    });
    connection.onCodeActionResolve((action, token) => resolveSourceAction(action, signalOf(token), this.#actionContext()));
    // Not by onExecuteCommand, which takes the client's progress token away and does not tell whether there was one.
    connection.onRequest(ExecuteCommandRequest.type, (params, token) => this.#execute(params, token));
    registerLanguageFeatures(connection, {
      document: (uri) => this.#documents.get(uri),
      offered: () => this.#offered,
      environment: async () => (await this.#workbench()).environment,
      documentation: () => documentationAddress(this.#section['documentationHost']),
      hover: async (uri, position) => explainRequirement(await this.#workbench(), uri, position),
    });
    connection.onShutdown(() => this.#close());

    this.#documents.onDidChangeContent(({ document }) => this.#guard(() => this.#edited(document)));
    this.#documents.onDidClose(({ document }) => this.#guard(() => this.#closed(document)));
    this.#documents.onDidSave(({ document }) =>
      this.#guard(async () => {
        if (document.uri.endsWith('.go')) await this.#checking.update();
      }),
    );
    this.#documents.listen(connection);
    connection.listen();
  }

  /** Lets a fault of one event be read in the log instead of ending the process. */
  #guard(work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#connection.console.error(error instanceof Error ? error.message : String(error)));
  }

  #initialize(params: InitializeParams): InitializeResult {
    this.#params = params;
    this.#section = recordOf(params.initializationOptions);
    this.#trusted = (this.#section['trusted'] ?? true) === true;
    this.#offered = readOfferedFeatures(params.initializationOptions);
    // Simple clients have but one folder.
    const uris = params.workspaceFolders?.map(({ uri }) => uri) ?? (params.rootUri ? [params.rootUri] : []);
    this.#folders = pathsOf(uris);
    if (params.capabilities.workspace?.configuration) {
      this.#configured = new Promise((resolve) => {
        this.#settingsKnown = resolve;
      });
    }
    return {
      serverInfo: { name: DIAGNOSTIC_SOURCE, version: VERSION },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        codeActionProvider: {
          codeActionKinds: [CodeActionKind.QuickFix, ...SOURCE_KINDS],
          resolveProvider: true,
          workDoneProgress: true,
        },
        executeCommandProvider: { commands: Object.keys(reportCommands), workDoneProgress: true },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
        ...languageFeatureCapabilities(this.#offered),
      },
    };
  }

  async #initialized(): Promise<void> {
    const { client, workspace: remote } = this.#connection;
    const { workspace } = this.#params!.capabilities;
    if (workspace?.workspaceFolders) {
      remote.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = pathsOf(removed.map(({ uri }) => uri));
        const come = pathsOf(added.map(({ uri }) => uri));
        this.#folders = [...this.#folders.filter((path) => !gone.includes(path)), ...come];
        this.#guard(() => this.#restart());
      });
    }
    await this.#pullSettings().finally(this.#settingsKnown);
    if (workspace?.didChangeConfiguration?.dynamicRegistration) {
      await client.register(DidChangeConfigurationNotification.type, { section: 'gomodHealth' });
    }
    if (workspace?.didChangeWatchedFiles?.dynamicRegistration) {
      await client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: WATCHED_FILES }] });
    }
  }

  /** What the client has set comes before what it was started with. */
  async #pullSettings(): Promise<void> {
    if (!this.#params?.capabilities.workspace?.configuration) return;
    this.#configuredWith(await this.#connection.workspace.getConfiguration('gomodHealth'));
  }

  #configuredWith(section: unknown): void {
    const set = Object.entries(recordOf(section)).filter(([, value]) => value !== null && value !== undefined);
    this.#section = { ...recordOf(this.#params?.initializationOptions), ...Object.fromEntries(set) };
  }

  async #configure(pushed: unknown): Promise<void> {
    if (this.#params?.capabilities.workspace?.configuration) await this.#pullSettings();
    else this.#configuredWith(recordOf(pushed)['gomodHealth']);
    await this.#restart();
  }

  /** Drops everything known under the old settings and checks anew. */
  async #restart(): Promise<void> {
    await this.#close();
    await this.#checking.update();
  }

  async #close(): Promise<void> {
    this.#checking.cancel();
    const session = this.#session;
    this.#session = undefined;
    await (await session)?.close();
  }

  async #workbench(): Promise<Workbench> {
    return (await this.#opened()).workbench;
  }

  async #opened(): Promise<Session> {
    await this.#configured;
    this.#session ??= this.#openSession();
    return this.#session;
  }

  async #openSession(): Promise<Session> {
    const settings = readSettings(this.#section, this.#trusted);
    const report = await readGoEnvironment({ env: process.env, platform: process.platform });
    for (const { message } of report.problems) this.#connection.console.warn(shownText(message));
    const trace: Trace = (request) => this.#connection.console.debug(requestLine(request));
    const network = openNetwork(report, trace, settings.reach !== 'on');
    const workbench = new Workbench({
      environment: report.environment,
      network,
      settings,
      overlays: this.#open.texts,
      folders: this.#folders,
    });
    return { workbench, report, trace, close: () => network.close() };
  }

  async #edited(document: TextDocument): Promise<void> {
    const path = this.#open.set(document);
    if (path === undefined) return;
    // What an unsaved .go file imports is looked at when a fix needs it, and by the checks when it is saved.
    const checked = isModuleFile(path) ? this.#checking.update(path) : undefined;
    (await this.#workbench()).edited(path);
    await checked;
  }

  async #closed(document: TextDocument): Promise<void> {
    const path = this.#open.delete(document.uri);
    if (path === undefined) return;
    (await this.#workbench()).changed(path);
    if (path.endsWith('.go')) await this.#checking.update();
    else if (isModuleFile(path)) await this.#checking.update(path);
  }

  async #filesChanged(uris: readonly string[]): Promise<void> {
    const workbench = await this.#workbench();
    for (const path of pathsOf(uris)) workbench.changed(path);
    await this.#checking.update();
  }

  #actionContext(): CodeActionContext {
    return { documents: this.#open, abilities: this.#abilities(), workbench: () => this.#workbench() };
  }

  #sourceActionAbilities(): SourceActionAbilities {
    const resolved = this.#params?.capabilities.textDocument?.codeAction?.resolveSupport?.properties ?? [];
    const { showsReports } = recordOf(this.#params?.initializationOptions) as { showsReports?: unknown };
    return { resolvesEdits: resolved.includes('edit'), showsReports: showsReports === true };
  }

  #abilities(): EditAbilities {
    const edit = this.#params?.capabilities.workspace?.workspaceEdit;
    return {
      changeAnnotations: edit?.changeAnnotationSupport !== undefined,
      createFiles: edit?.resourceOperations?.includes('create') ?? false,
    };
  }

  async #execute(params: ExecuteCommandParams, token: CancellationToken): Promise<ShownReport> {
    const { command, workDoneToken } = params;
    const found = Object.hasOwn(reportCommands, command) ? reportCommands[command] : undefined;
    if (!found) throw new ResponseError(LSPErrorCodes.RequestFailed, `There is no command ${command}.`);
    // A client that does not bring a progress of its own is asked to open one, with a button to cancel.
    const { window } = this.#connection;
    const opened = workDoneToken === undefined ? await window.createWorkDoneProgress() : undefined;
    const progress = opened ?? window.attachWorkDoneProgress(workDoneToken);
    progress.begin(found.title, 0, undefined, true);
    const signal = AbortSignal.any([signalOf(token), ...(opened ? [signalOf(opened.token)] : [])]);
    try {
      return await found.run(await this.#opened(), signal, progress, params.arguments ?? []);
    } catch (error) {
      if (error instanceof CannotReport) throw new ResponseError(LSPErrorCodes.RequestFailed, error.message);
      throw error;
    } finally {
      progress.done();
    }
  }
}

function pathsOf(uris: readonly string[]): string[] {
  return uris.map(pathOfUri).filter((path) => path !== undefined);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

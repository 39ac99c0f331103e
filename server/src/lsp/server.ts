import {
  CodeActionKind,
  DidChangeConfigurationNotification,
  LSPErrorCodes,
  ProposedFeatures,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
  createConnection,
} from 'vscode-languageserver/node';
import type {
  CancellationToken,
  CodeAction,
  CodeActionParams,
  Connection,
  ExecuteCommandParams,
  InitializeParams,
  InitializeResult,
  WorkDoneProgressReporter,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { VERSION } from './version.ts';
import type { ReportedFinding } from '../engine/analysis.ts';
import type { Project } from '../engine/project.ts';
import type { Fix } from '../engine/rule.ts';
import { rules } from '../engine/rules/index.ts';
import { reportTags } from '../engine/tag-report.ts';
import { EditSet } from '../host/edit-set.ts';
import { readGoEnvironment } from '../host/go-environment.ts';
import type { ProjectPlace } from '../host/project-loader.ts';
import { DIAGNOSTIC_SOURCE, toCodeAction, toDiagnostic } from './conversion.ts';
import type { EditAbilities, FileView } from './conversion.ts';
import { documentationAddress } from './features/documentation-host.ts';
import { languageFeatureCapabilities, registerLanguageFeatures } from './features/language-features.ts';
import { readOfferedFeatures } from './features/offered-features.ts';
import { openNetwork } from './network.ts';
import { pathOfUri, uriOfPath } from './places.ts';
import { readSettings } from './settings.ts';
import { tagView } from './tag-view.ts';
import type { TagSection, TagView } from './tag-view.ts';
import { Workbench } from './workbench.ts';

export const VERIFY_MODULE_TAGS = 'gomodHealth.verifyModuleTags';

/** How long a code action request waits for answers that a fix needs, in milliseconds. */
const CODE_ACTION_MILLISECONDS = 2000;

/** Runs the language server over the transport that the command line names, until the client ends it. */
export async function startLanguageServer(): Promise<void> {
  const connection = createConnection(ProposedFeatures.all);
  new LanguageServer(connection).listen();
  await new Promise<never>(() => undefined);
}

/** One project that an open document belongs to. */
interface Watched {
  readonly place: ProjectPlace;
  /** Ends the round that a newer snapshot replaces. */
  round: AbortController;
  /** The files that diagnostics were published for. */
  published: Set<string>;
}

class LanguageServer {
  readonly #connection: Connection;
  readonly #documents = new TextDocuments(TextDocument);
  readonly #overlays = new Map<string, string>();
  readonly #watched = new Map<string, Watched>();
  #params: InitializeParams | undefined;
  #section: unknown;
  #trusted = true;
  #offered = readOfferedFeatures(undefined);
  #folders: string[] = [];
  #workbench: Promise<Workbench> | undefined;
  #closeNetwork: (() => Promise<void>) | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  listen(): void {
    const connection = this.#connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onInitialized(() => this.#initialized());
    connection.onDidChangeConfiguration(({ settings }) => this.#configure(settings));
    connection.onDidChangeWatchedFiles(({ changes }) => this.#filesChanged(changes.map(({ uri }) => uri)));
    connection.onNotification('gomodHealth/trustChanged', ({ trusted }: { trusted: boolean }) => {
      this.#trusted = trusted;
      return this.#restart();
    });
    connection.onCodeAction((params, token) => this.#codeActions(params, token));
    connection.onExecuteCommand((params, token, progress) => this.#execute(params, token, progress));
    registerLanguageFeatures(connection, {
      document: (uri) => this.#documents.get(uri),
      offered: () => this.#offered,
      environment: async () => (await this.#current()).environment,
      documentation: () => documentationAddress((this.#section as { documentationHost?: unknown } | null)?.documentationHost),
    });
    connection.onShutdown(() => this.#closeNetwork?.());

    this.#documents.onDidChangeContent(({ document }) => this.#edited(document));
    this.#documents.onDidClose(({ document }) => this.#closed(document));
    this.#documents.onDidSave(({ document }) => {
      if (document.uri.endsWith('.go')) return this.#checkAll();
      return undefined;
    });
    this.#documents.listen(connection);
    connection.listen();
  }

  #initialize(params: InitializeParams): InitializeResult {
    this.#params = params;
    const options = (params.initializationOptions ?? {}) as { trusted?: boolean };
    this.#trusted = options.trusted ?? true;
    this.#section = params.initializationOptions;
    this.#offered = readOfferedFeatures(params.initializationOptions);
    const uris = params.workspaceFolders?.map(({ uri }) => uri) ?? [];
    this.#folders = uris.map(pathOfUri).filter((path) => path !== undefined);
    return {
      serverInfo: { name: DIAGNOSTIC_SOURCE, version: VERSION },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix], workDoneProgress: true },
        executeCommandProvider: { commands: [VERIFY_MODULE_TAGS], workDoneProgress: true },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
        ...languageFeatureCapabilities(this.#offered),
      },
    };
  }

  async #initialized(): Promise<void> {
    const { workspace } = this.#params!.capabilities;
    if (workspace?.workspaceFolders) {
      this.#connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = removed.map(({ uri }) => pathOfUri(uri));
        const come = added.map(({ uri }) => pathOfUri(uri)).filter((path) => path !== undefined);
        this.#folders = [...this.#folders.filter((path) => !gone.includes(path)), ...come];
        return this.#restart();
      });
    }
    if (workspace?.didChangeConfiguration?.dynamicRegistration) {
      await this.#connection.client.register(DidChangeConfigurationNotification.type, { section: 'gomodHealth' });
    }
    if (workspace?.configuration) {
      this.#section = await this.#connection.workspace.getConfiguration('gomodHealth');
      await this.#restart();
    }
  }

  async #configure(pushed: unknown): Promise<void> {
    this.#section = this.#params?.capabilities.workspace?.configuration
      ? await this.#connection.workspace.getConfiguration('gomodHealth')
      : (pushed as { gomodHealth?: unknown } | undefined)?.gomodHealth;
    await this.#restart();
  }

  /** Drops everything known under the old settings and checks anew. */
  async #restart(): Promise<void> {
    for (const { round } of this.#watched.values()) round.abort();
    const close = this.#closeNetwork;
    this.#workbench = undefined;
    this.#closeNetwork = undefined;
    await close?.();
    await this.#checkAll();
  }

  #current(): Promise<Workbench> {
    this.#workbench ??= this.#open();
    return this.#workbench;
  }

  async #open(): Promise<Workbench> {
    const report = await readGoEnvironment({ env: process.env, platform: process.platform });
    for (const { message } of report.problems) this.#connection.console.warn(message);
    const network = openNetwork(report, (request) => this.#connection.console.debug(JSON.stringify(request)));
    this.#closeNetwork = () => network.close();
    return new Workbench({
      environment: report.environment,
      network,
      settings: readSettings(this.#section, this.#trusted),
      overlays: this.#overlays,
      folders: this.#folders,
    });
  }

  async #edited(document: TextDocument): Promise<void> {
    const path = pathOfUri(document.uri);
    if (path === undefined) return;
    this.#overlays.set(path, document.getText());
    const workbench = await this.#current();
    workbench.changed(path);
    if (isWatchedFile(path)) await this.#checkFile(path);
  }

  async #closed(document: TextDocument): Promise<void> {
    const path = pathOfUri(document.uri);
    if (path === undefined) return;
    this.#overlays.delete(path);
    const workbench = await this.#current();
    workbench.changed(path);
    await this.#checkAll();
    await this.#forgetUnwatched();
  }

  /** Projects without an open document are no longer shown. */
  async #forgetUnwatched(): Promise<void> {
    const workbench = await this.#current();
    const open = new Set<string>();
    for (const path of this.#overlays.keys()) {
      const place = isWatchedFile(path) ? await workbench.placeOf(path) : undefined;
      if (place) open.add(keyOf(place));
    }
    for (const [key, watched] of this.#watched) {
      if (open.has(key)) continue;
      watched.round.abort();
      this.#watched.delete(key);
      for (const file of watched.published) await this.#publish(file, []);
    }
  }

  async #filesChanged(uris: readonly string[]): Promise<void> {
    const workbench = await this.#current();
    for (const uri of uris) {
      const path = pathOfUri(uri);
      if (path !== undefined) workbench.changed(path);
    }
    await this.#checkAll();
  }

  async #checkAll(): Promise<void> {
    const open = [...this.#overlays.keys()].filter(isWatchedFile);
    const workbench = await this.#current();
    const places = new Map<string, ProjectPlace>();
    for (const path of open) {
      const place = await workbench.placeOf(path);
      if (place) places.set(keyOf(place), place);
    }
    await Promise.all([...places.values()].map((place) => this.#check(place)));
  }

  async #checkFile(path: string): Promise<void> {
    const place = await (await this.#current()).placeOf(path);
    if (place) await this.#check(place);
  }

  /** Checks one project as it is now; a check of an older state of it ends. */
  async #check(place: ProjectPlace): Promise<void> {
    const workbench = await this.#current();
    const watched = this.#watched.get(keyOf(place)) ?? { place, round: new AbortController(), published: new Set() };
    this.#watched.set(keyOf(place), watched);
    watched.round.abort();
    watched.round = new AbortController();
    const { signal } = watched.round;

    const { project, failures } = await workbench.load(place);
    if (signal.aborted) return;
    for (const failure of failures) this.#connection.console.warn(failure);
    const view = await this.#viewOf(project);
    const last = await workbench.inspect(project, signal, ({ value, open }) => {
      if (signal.aborted) return;
      this.#publishAll(watched, project, value.findings, view);
      this.#status(place, open, value.unchecked.length);
    });
    if (!signal.aborted) this.#status(place, 0, last.unchecked.length);
  }

  #publishAll(watched: Watched, project: Project, findings: readonly ReportedFinding[], view: FileView): void {
    const files = new Map<string, ReportedFinding[]>(filesOf(project).map((file) => [file, []]));
    for (const finding of findings) files.get(finding.at.file)?.push(finding);
    for (const [file, found] of files) {
      if (found.length === 0 && !watched.published.has(file)) continue;
      watched.published.add(file);
      const version = view.version(file);
      void this.#connection.sendDiagnostics({
        uri: uriOfPath(file),
        ...(version !== null && { version }),
        diagnostics: found.map((finding) => toDiagnostic(finding, view)),
      });
    }
  }

  async #publish(file: string, diagnostics: []): Promise<void> {
    await this.#connection.sendDiagnostics({ uri: uriOfPath(file), diagnostics });
  }

  #status(place: ProjectPlace, open: number, unchecked: number): void {
    void this.#connection.sendNotification('gomodHealth/status', {
      busy: open > 0,
      text: open > 0 ? 'Checking modules' : unchecked > 0 ? `${unchecked} not checked` : 'Modules checked',
      tooltip:
        unchecked > 0
          ? `${place.directory}: ${unchecked} could not be checked; no fault is known of them.`
          : place.directory,
    });
  }

  /** The files' texts and versions as they are at this moment. */
  async #viewOf(project: Project, fixes: readonly Fix[] = []): Promise<FileView> {
    const workbench = await this.#current();
    const paths = new Set([...filesOf(project), ...fixes.flatMap(({ edits }) => edits.map(({ file }) => file))]);
    const texts = new Map<string, string | undefined>();
    for (const path of paths) texts.set(path, await workbench.text(path));
    const versions = new Map(
      this.#documents.all().map((document) => [pathOfUri(document.uri), document.version] as const),
    );
    return { text: (file) => texts.get(file), version: (file) => versions.get(file) ?? null };
  }

  async #codeActions({ textDocument, range }: CodeActionParams, token: CancellationToken): Promise<CodeAction[]> {
    const path = pathOfUri(textDocument.uri);
    const document = this.#documents.get(textDocument.uri);
    const workbench = await this.#current();
    const place = path === undefined ? undefined : await workbench.placeOf(path);
    if (!place || !document) return [];
    const { project } = await workbench.load(place);
    const signal = AbortSignal.any([AbortSignal.timeout(CODE_ACTION_MILLISECONDS), signalOf(token)]);
    const { findings } = await workbench.inspect(project, signal);
    if (token.isCancellationRequested) return [];

    const inFile = findings.filter(({ at }) => at.file === path);
    const view = await this.#viewOf(project, inFile.flatMap(({ fixes }) => fixes ?? []));
    const abilities = this.#abilities();
    const start = document.offsetAt(range.start);
    const end = document.offsetAt(range.end);
    return inFile
      .filter(({ at }) => at.span.start <= end && start <= at.span.end)
      .flatMap((finding) => {
        const diagnostic = toDiagnostic(finding, view);
        const fixes = [...(finding.fixes ?? []), ...fixAll(finding, inFile)];
        return fixes.map((fix, index) => toCodeAction(fix, diagnostic, index === 0, view, abilities));
      })
      .filter((action) => action !== undefined);
  }

  #abilities(): EditAbilities {
    const edit = this.#params?.capabilities.workspace?.workspaceEdit;
    return {
      changeAnnotations: edit?.changeAnnotationSupport !== undefined,
      createFiles: edit?.resourceOperations?.includes('create') ?? false,
    };
  }

  async #execute(
    { command, workDoneToken }: ExecuteCommandParams,
    token: CancellationToken,
    asked: WorkDoneProgressReporter,
  ): Promise<TagView> {
    if (command !== VERIFY_MODULE_TAGS) {
      throw new ResponseError(LSPErrorCodes.RequestFailed, `There is no command ${command}.`);
    }
    // A client that does not bring a progress of its own is asked to open one, with a button to cancel.
    const opened = workDoneToken === undefined ? await this.#connection.window.createWorkDoneProgress() : undefined;
    const progress = opened ?? asked;
    progress.begin('Verifying module tags', 0, undefined, true);
    const signal = AbortSignal.any([signalOf(token), ...(opened ? [signalOf(opened.token)] : [])]);
    try {
      const workbench = await this.#current();
      const sections: TagSection[] = [];
      const places = await workbench.places();
      for (const [index, place] of places.entries()) {
        const { project } = await workbench.load(place);
        const rows = await workbench.settle((facts) => reportTags(project, facts), signal, ({ value, open }) => {
          const percentage = ((index + (open === 0 ? 1 : 0)) / places.length) * 100;
          progress.report(percentage, `${project.modules.length > 0 ? place.directory : ''}: ${value.length} requirements`);
        });
        sections.push({ title: place.directory, rows });
        if (signal.aborted) break;
      }
      return tagView(sections, signal.aborted);
    } finally {
      progress.done();
    }
  }
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

function filesOf(project: Project): string[] {
  const files = project.modules.flatMap((main) => [main.mod.path, ...(main.sum ? [main.sum.path] : [])]);
  if (project.workspace) files.push(project.workspace.work.path);
  if (project.workspace?.sum) files.push(project.workspace.sum.path);
  return files;
}

function isWatchedFile(path: string): boolean {
  return /\/(?:go\.mod|go\.sum|go\.work|go\.work\.sum)$/.test(path);
}

function keyOf(place: ProjectPlace): string {
  return `${place.kind} ${place.directory}`;
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

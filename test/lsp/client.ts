import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { StreamMessageReader, StreamMessageWriter, createProtocolConnection } from 'vscode-languageserver/node';
import type {
  ClientCapabilities,
  CodeAction,
  Diagnostic,
  InitializeParams,
  InitializeResult,
  ProtocolConnection,
  PublishDiagnosticsParams,
  Range,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { PROGRAM, cleanEnvironment } from '../cli/bundle.ts';

export interface LspClientOptions {
  /** Added to `cleanEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** Paths; none at all leaves the folders out of the request. */
  readonly folders?: readonly string[];
  readonly initializationOptions?: unknown;
  readonly capabilities?: ClientCapabilities;
  /** Answers `workspace/configuration`, soon or late; without it the client says that it can't. */
  readonly configuration?: (section: string | undefined) => unknown;
  /** Of the client, which the server is to watch; this process when not said. */
  readonly processId?: number;
  /** Further arguments for `gomod-health lsp --stdio`. */
  readonly args?: readonly string[];
  /** Another language server, with its arguments. */
  readonly command?: readonly [program: string, ...args: string[]];
  readonly rootUri?: string;
}

/** What the server says of its work. */
export interface ServerStatus {
  readonly busy: boolean;
  readonly text: string;
  readonly tooltip: string;
}

/** An editor that can all that the protocol has, unless it is told otherwise. */
export const ABLE: ClientCapabilities = {
  workspace: {
    workspaceFolders: true,
    workspaceEdit: {
      documentChanges: true,
      resourceOperations: ['create'],
      changeAnnotationSupport: { groupsOnLabel: true },
    },
    didChangeConfiguration: { dynamicRegistration: true },
  },
  window: { workDoneProgress: true },
};

const RULES: readonly string[] = ['missing-tag', 'major-path-mismatch', 'checksum-mismatch', 'stale-checksum'];

/** How long anything that is waited for may take, in milliseconds. */
const PATIENCE = 10_000;

/** A small editor without a screen, at the other end of a real server process. */
export class LspClient {
  readonly process: ChildProcess;
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  /** Everything published, in order. */
  readonly published: PublishDiagnosticsParams[] = [];
  readonly statuses: ServerStatus[] = [];
  /** `window/logMessage`, in order. */
  readonly log: string[] = [];
  /** The types of the same messages: 5 is debug, which editors show on request only. */
  readonly logTypes: number[] = [];
  readonly #documents = new Map<string, TextDocument>();
  readonly #listeners = new Set<() => void>();

  private constructor(process: ChildProcess, connection: ProtocolConnection, initialized: InitializeResult, early: Early) {
    this.process = process;
    this.connection = connection;
    this.initialized = initialized;
    early.deliver = (fill) => {
      fill(this);
      for (const listener of this.#listeners) listener();
    };
  }

  static async start(options: LspClientOptions): Promise<LspClient> {
    const [program, ...args] = options.command ?? [process.execPath, PROGRAM, 'lsp', '--stdio', ...(options.args ?? [])];
    const child = spawn(program, args, {
      env: { ...cleanEnvironment(), ...options.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const reader = new StreamMessageReader(child.stdout!);
    // Of a server that dies in the middle of a message, the reader would wait for the rest for ever, and so would mocha.
    reader.partialMessageTimeout = 0;
    const connection = createProtocolConnection(reader, new StreamMessageWriter(child.stdin!));
    child.stdin!.on('error', () => undefined);
    const early: Early = { deliver: () => undefined };
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) =>
      early.deliver((client) => client.published.push(params)),
    );
    connection.onNotification('gomodHealth/status', (status: ServerStatus) =>
      early.deliver((client) => client.statuses.push(status)),
    );
    connection.onNotification('window/logMessage', ({ message, type }: { message: string; type: number }) =>
      early.deliver((client) => {
        client.log.push(message);
        client.logTypes.push(type);
      }),
    );
    connection.onRequest('workspace/configuration', ({ items }: { items: { section?: string }[] }) =>
      Promise.all(items.map(async ({ section }) => (await options.configuration?.(section)) ?? null)),
    );
    connection.onRequest('client/registerCapability', () => null);
    connection.onRequest('window/workDoneProgress/create', () => null);
    connection.listen();
    const { workspace, ...others } = options.capabilities ?? ABLE;
    const initialized = await connection.sendRequest<InitializeResult>('initialize', {
      processId: options.processId ?? process.pid,
      rootUri: options.rootUri ?? null,
      capabilities: { ...others, workspace: { ...workspace, configuration: options.configuration !== undefined } },
      workspaceFolders: options.folders?.map((path) => ({ uri: uriOf(path), name: path })) ?? null,
      initializationOptions: options.initializationOptions,
    } satisfies InitializeParams);
    const client = new LspClient(child, connection, initialized, early);
    await connection.sendNotification('initialized', {});
    return client;
  }

  /** Opens a document, with the text of its file unless another is given. */
  async open(path: string, text?: string, uri = uriOf(path)): Promise<void> {
    const document = TextDocument.create(uri, languageOf(path), 1, text ?? withoutByteOrderMark(await readFile(path, 'utf8')));
    this.#documents.set(path, document);
    const { languageId, version } = document;
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId, version, text: document.getText() },
    });
  }

  /** Changes a part of an open document; the version that it has then. */
  async change(path: string, edit: TextEdit): Promise<number> {
    const before = this.document(path);
    const after = TextDocument.update(before, [{ range: edit.range, text: edit.newText }], before.version + 1);
    this.#documents.set(path, after);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: after.uri, version: after.version },
      contentChanges: [{ range: edit.range, text: edit.newText }],
    });
    return after.version;
  }

  /** Replaces the first place of a text by another. */
  async replace(path: string, old: string, newText: string): Promise<number> {
    return this.change(path, { range: this.rangeOf(path, old), newText });
  }

  async save(path: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didSave', { textDocument: { uri: this.document(path).uri } });
  }

  async close(path: string): Promise<void> {
    const { uri } = this.document(path);
    this.#documents.delete(path);
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  document(path: string): TextDocument {
    const document = this.#documents.get(path);
    if (!document) throw new Error(`${path} is not open`);
    return document;
  }

  /** Where a text is first in an open document. */
  rangeOf(path: string, text: string): Range {
    const document = this.document(path);
    const start = document.getText().indexOf(text);
    if (start < 0) throw new Error(`${path} has no ${text}`);
    return { start: document.positionAt(start), end: document.positionAt(start + text.length) };
  }

  /** The last diagnostics of a file. */
  diagnostics(path: string): readonly Diagnostic[] {
    return this.published.findLast(({ uri }) => uri === uriOf(path))?.diagnostics ?? [];
  }

  /** `CODE at the text` of each diagnostic of the rules that these tests are about, sorted. */
  faults(path: string): string[] {
    const document = this.document(path);
    return this.diagnostics(path)
      .filter(({ code }) => RULES.includes(String(code)))
      .map(({ code, range }) => `${code} at ${document.getText(range)}`)
      .sort();
  }

  /** Waits until something holds; it is looked at whenever the server has said something, and now and then. */
  async until(what: string, holds: () => boolean): Promise<void> {
    if (holds()) return;
    let listener: () => void = () => undefined;
    let timer: NodeJS.Timeout | undefined;
    let clock: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        listener = () => {
          if (holds()) resolve();
        };
        this.#listeners.add(listener);
        clock = setInterval(listener, 50);
        timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE} ms; last diagnostics: ${this.#said()}`)), PATIENCE);
      });
    } finally {
      clearTimeout(timer);
      clearInterval(clock);
      this.#listeners.delete(listener);
    }
  }

  /** Waits until the server has said nothing for a while and is not busy. */
  async quiet(milliseconds = 400): Promise<void> {
    const said = (): number => this.published.length + this.statuses.length + this.log.length;
    for (let before = -1, tries = 0; said() !== before || this.statuses.at(-1)?.busy; tries++) {
      if (tries > PATIENCE / milliseconds) throw new Error(`the server does not come to rest; it said last ${this.#said()}`);
      before = said();
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
    }
  }

  async codeActions(path: string, range: Range, only?: readonly string[]): Promise<CodeAction[]> {
    return this.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: this.document(path).uri },
      range,
      context: { diagnostics: [], ...(only && { only }) },
    });
  }

  /** The action of that title at the first place of a text. */
  async fix(path: string, at: string, title: string): Promise<CodeAction> {
    const actions = await this.codeActions(path, this.rangeOf(path, at));
    const found = actions.find((action) => action.title === title);
    if (!found) throw new Error(`no ${title} among ${actions.map((action) => action.title).join('; ')}`);
    return found;
  }

  /** The texts after an edit, by path; documents that are not open are read from the disk. */
  async applied({ documentChanges = [] }: WorkspaceEdit): Promise<Record<string, string>> {
    const texts: Record<string, string> = {};
    for (const change of documentChanges) {
      if (!('textDocument' in change)) continue;
      const { uri } = change.textDocument;
      const path = decodeURIComponent(new URL(uri).pathname);
      const text = this.#documents.get(path)?.getText() ?? withoutByteOrderMark(await readFile(path, 'utf8').catch(() => ''));
      texts[path] = TextDocument.applyEdits(TextDocument.create(uri, '', 0, text), change.edits as TextEdit[]);
    }
    return texts;
  }

  /** The exit status when the process has ended. */
  exited(): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return Promise.resolve(this.process.exitCode);
    return new Promise((resolve) => this.process.once('exit', resolve));
  }

  /** Ends the server as an editor does; the exit status. */
  async stop(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    const exited = this.exited();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), PATIENCE);
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const code = await exited;
    clearTimeout(timer);
    this.connection.dispose();
    return code;
  }

  #said(): string {
    return JSON.stringify(this.published.at(-1));
  }
}

/** What came before there was a client to take it. */
interface Early {
  deliver: (fill: (client: LspClient) => void) => void;
}

/** A file URI as editors write it. */
export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

function languageOf(path: string): string {
  return path.slice(path.lastIndexOf(path.endsWith('.go') ? '.' : '/') + 1);
}

/** Editors don't show it. */
function withoutByteOrderMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}

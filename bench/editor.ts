import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** A change of a document as an editor sends it (LSP, TextDocumentContentChangeEvent). */
export interface Change {
  readonly range: { readonly start: Place; readonly end: Place };
  readonly text: string;
}

interface Place {
  readonly line: number;
  readonly character: number;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly uri?: string; readonly version?: number; readonly diagnostics?: readonly unknown[] };
}

/** What an edit led to. */
export interface Answer {
  /** From the edit's last byte to the findings of its version, in milliseconds. */
  readonly milliseconds: number;
  readonly findings: number;
}

/** How long a server may be silent, in milliseconds. */
const PATIENCE = 20_000;

/** An editor that does nothing but measure: it speaks JSON-RPC itself, so that little of the time is its own. */
export class Editor {
  readonly #server: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: ((message: Message) => boolean)[] = [];
  #input = Buffer.alloc(0);
  #requests = 0;
  #version = 0;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#server = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#server.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  async initialize(folder: string, initializationOptions: object): Promise<void> {
    await this.#request('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: { textDocument: { publishDiagnostics: { versionSupport: true, relatedInformation: true } } },
      workspaceFolders: [{ uri: folder, name: 'bench' }],
      initializationOptions,
    });
    this.#send({ method: 'initialized', params: {} });
  }

  /** Opens a document and waits for its first findings. */
  async open(uri: string, text: string): Promise<Answer> {
    const textDocument = { uri, languageId: 'go.mod', version: ++this.#version, text };
    return this.#measure(uri, { method: 'textDocument/didOpen', params: { textDocument } });
  }

  /** Changes the document and waits for the findings of that version. */
  async change(uri: string, change: Change): Promise<Answer> {
    const textDocument = { uri, version: ++this.#version };
    return this.#measure(uri, { method: 'textDocument/didChange', params: { textDocument, contentChanges: [change] } });
  }

  async close(): Promise<void> {
    const ended = once(this.#server, 'exit');
    await this.#request('shutdown', undefined);
    this.#send({ method: 'exit' });
    await ended;
  }

  async #measure(uri: string, notification: object): Promise<Answer> {
    const version = this.#version;
    const published = this.#next(
      ({ method, params }) =>
        method === 'textDocument/publishDiagnostics' && params?.uri === uri && params.version === version,
    );
    const start = performance.now();
    this.#send(notification);
    const { params } = await published;
    return { milliseconds: performance.now() - start, findings: params?.diagnostics?.length ?? 0 };
  }

  async #request(method: string, params: unknown): Promise<void> {
    const id = ++this.#requests;
    const answered = this.#next((message) => message.id === id && message.method === undefined);
    this.#send({ id, method, params });
    await answered;
  }

  #next(isIt: (message: Message) => boolean): Promise<Message> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server was silent for ${PATIENCE} ms`)), PATIENCE);
      this.#waiting.push((message) => {
        if (!isIt(message)) return false;
        clearTimeout(timer);
        resolve(message);
        return true;
      });
    });
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #receive(chunk: Buffer): void {
    this.#input = Buffer.concat([this.#input, chunk]);
    for (;;) {
      const headerEnd = this.#input.indexOf('\r\n\r\n');
      if (headerEnd < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#input.toString('latin1', 0, headerEnd))?.[1]);
      const end = headerEnd + 4 + length;
      if (this.#input.length < end) return;
      const message = JSON.parse(this.#input.toString('utf8', headerEnd + 4, end)) as Message;
      this.#input = this.#input.subarray(end);
      this.#take(message);
    }
  }

  #take(message: Message): void {
    // What the server asks of the editor, such as to show progress, is answered with nothing.
    if (message.id !== undefined && message.method !== undefined) this.#send({ id: message.id, result: null });
    const at = this.#waiting.findIndex((waiting) => waiting(message));
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}

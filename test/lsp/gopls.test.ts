import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Sandbox, library } from '../cli/sandbox.ts';
import { buildGoProgram } from '../world/go-program.ts';
import { LspClient } from './client.ts';

/** The newest that the module proxies of these machines have. */
const VERSION = 'v0.23.0';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** Where it is shown, and what gopls says. */
  readonly file: string;
  readonly said: RegExp;
  /** Where gopls says so, when that is another file. */
  readonly saidIn?: string;
  /** Ours that says the same. */
  readonly rule: string;
  /** What gopls says leaves open which line is meant, so that ours reports all the same. */
  readonly isVague?: true;
}

const LOG = 'example.com/log';
const TEXT = 'example.com/text';
const MODULES = [
  library(LOG, 'v1.0.0'),
  library(TEXT, 'v1.0.0', {
    'go.mod': `module ${TEXT}\n\ngo 1.21\n\nrequire ${LOG} v1.0.0\n`,
    'text.go': `package text\n\nimport _ "${LOG}"\n`,
  }),
];

const CASES: readonly Case[] = [
  {
    name: 'a requirement that nothing needs',
    files: { 'go.mod': `module example.com/m\n\ngo 1.21\n\nrequire ${LOG} v1.0.0\n`, 'm.go': 'package m\n' },
    file: 'go.mod',
    said: /example\.com\/log is not used in this module/,
    rule: 'unused-requirement',
  },
  {
    name: 'a requirement that should not be marked indirect',
    files: { 'go.mod': `module example.com/m\n\ngo 1.21\n\nrequire ${LOG} v1.0.0 // indirect\n`, 'm.go': `package m\n\nimport _ "${LOG}"\n` },
    file: 'go.mod',
    said: /example\.com\/log should be direct/,
    rule: 'superfluous-indirect-comment',
  },
  {
    name: 'a requirement that should be marked indirect',
    files: {
      'go.mod': `module example.com/m\n\ngo 1.21\n\nrequire ${TEXT} v1.0.0\n\nrequire ${LOG} v1.0.0\n`,
      'm.go': `package m\n\nimport _ "${TEXT}"\n`,
    },
    file: 'go.mod',
    said: /example\.com\/log should be indirect/,
    rule: 'missing-indirect-comment',
  },
  {
    name: 'an import that no required module has',
    files: { 'go.mod': 'module example.com/m\n\ngo 1.21\n', 'm.go': `package m\n\nimport _ "${LOG}"\n` },
    file: 'go.mod',
    said: /could not import example\.com\/log \(no required module provides package "example\.com\/log"\)/,
    saidIn: 'm.go',
    rule: 'missing-requirement',
  },
  {
    name: 'a requirement that go.mod leaves to another',
    files: { 'go.mod': `module example.com/m\n\ngo 1.21\n\nrequire ${TEXT} v1.0.0\n`, 'm.go': `package m\n\nimport (\n\t_ "${LOG}"\n\t_ "${TEXT}"\n)\n` },
    file: 'go.mod',
    said: /packages\.Load error: .*go: updates to go\.mod needed/,
    rule: 'missing-requirement',
    isVague: true,
  },
  {
    name: 'a directory of a workspace that has no module',
    files: { 'go.work': 'go 1.21\n\nuse (\n\t.\n\t./gone\n)\n', 'go.mod': 'module example.com/m\n\ngo 1.21\n', 'm.go': 'package m\n' },
    file: 'go.work',
    said: /gone.* does not contain a module/,
    rule: 'workspace-directory-missing',
  },
];

describe('Beside the real gopls', function () {
  this.timeout(330_000);
  let gopls: string;

  before(async function () {
    const command = 'golang.org/x/tools/gopls';
    const built = await buildGoProgram({ name: 'gopls', module: command, version: VERSION, command });
    if ('why' in built) {
      console.log(`skipped: ${built.why}`);
      return this.skip();
    }
    gopls = built.program;
  });

  for (const { name, files, file, said, saidIn = file, rule, isVague } of CASES) {
    it(`${isVague ? 'more is' : 'nothing is'} said ${isVague ? 'than "updates to go.mod needed"' : 'twice'} of ${name}`, async () => {
      const sandbox = await Sandbox.open({ modules: MODULES, cached: MODULES });
      try {
        const sums = MODULES.map(({ path, version }) => sandbox.lines(path, version)).join('');
        await sandbox.write({ 'go.sum': sums, ...files });
        const path = sandbox.path(file);
        const line = await goplsLine(gopls, sandbox, sandbox.path(saidIn), said);
        const ours = await ourLines(sandbox, path, rule, { goplsActive: true, besideGopls: 'all' });
        if (saidIn === file) assert.deepEqual(ours, [line], `${rule} in the same line`);
        else assert.equal(ours.length, 1, rule);
        assert.deepEqual(await ourLines(sandbox, path, rule, { goplsActive: true }), isVague ? ours : [], `${rule} beside gopls`);
      } finally {
        await sandbox.close();
      }
    });
  }
});

/** The line in which gopls says something. */
async function goplsLine(gopls: string, sandbox: Sandbox, path: string, said: RegExp): Promise<number> {
  const { directory } = sandbox;
  const env = { ...sandbox.env, GOFLAGS: '-modcacherw', GOTOOLCHAIN: 'local', GOTELEMETRY: 'off', GOPATH: join(directory, 'gopath'), GOCACHE: join(directory, 'gocache') };
  const client = await LspClient.start({ command: [gopls, 'serve'], env, folders: [sandbox.project], configuration: () => ({}) });
  try {
    await client.open(path);
    const found = () => client.diagnostics(path).find(({ message }) => said.test(typeof message === 'string' ? message : message.value));
    await client.until(`${said} of gopls`, () => found() !== undefined);
    return found()!.range.start.line;
  } finally {
    await client.stop();
  }
}

/** The lines of a file in which one of our rules reports. */
async function ourLines(sandbox: Sandbox, path: string, rule: string, initializationOptions: object): Promise<number[]> {
  const client = await LspClient.start({ env: sandbox.env, folders: [sandbox.project], initializationOptions });
  try {
    await client.open(path);
    await client.quiet();
    return client.diagnostics(path).filter(({ code }) => code === rule).map(({ range }) => range.start.line);
  } finally {
    await client.stop();
  }
}

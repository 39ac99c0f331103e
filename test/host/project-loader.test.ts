import assert from 'node:assert/strict';
import type { GoEnvironment } from '../../server/src/engine/environment.ts';
import type { Project } from '../../server/src/engine/project.ts';
import { findNearbyModules, findProject, loadProject } from '../../server/src/host/project-loader.ts';
import type { ParsedFiles, ProjectPlace } from '../../server/src/host/project-loader.ts';
import { refusals } from '../../server/src/host/refusals.ts';
import type { ReadResult, SourceFiles } from '../../server/src/host/source-files.ts';

const ENVIRONMENT: GoEnvironment = {
  proxies: [],
  noProxy: '',
  noSumDb: '',
  private: '',
  insecure: '',
  vcs: '',
  sumDb: 'off',
  moduleCache: undefined,
  goFlags: [],
  work: '',
};

/** Files by path; a text, or what reading gives. */
class Disk implements SourceFiles {
  readonly files: Record<string, string | ReadResult>;

  constructor(files: Record<string, string | ReadResult>) {
    this.files = files;
  }

  async read(path: string): Promise<ReadResult> {
    const file = this.files[path];
    if (file === undefined) return { kind: 'absent' };
    return typeof file === 'string' ? { kind: 'text', text: file, editable: true } : file;
  }
}

const DIRECTORY: ReadResult = { kind: 'failure', why: 'it is a directory', isFile: false };
const SECRET: ReadResult = { kind: 'failure', why: 'permission denied', isFile: true };

function load(place: ProjectPlace, files: Disk, parsed?: ParsedFiles) {
  return loadProject(place, { environment: ENVIRONMENT, files, nearby: [], ...(parsed && { parsed }) });
}

describe('The project of a path', () => {
  const disk = new Disk({
    '/w/go.work': 'go 1.21\n\nuse (\n\t./a\n\t"./b"\n\t../out\n)\n',
    '/w/a/go.mod': 'module a\n',
    '/w/b/go.mod': 'module b\n',
    '/w/c/go.mod': 'module c\n',
    '/w/c/d/go.mod': DIRECTORY,
    '/w/e/go.mod': SECRET,
    '/out/go.mod': 'module out\n',
    '/bad/go.work': 'use (\n./m\n',
    '/bad/m/go.mod': 'module m\n',
    '/dir/go.work': DIRECTORY,
    '/dir/go.mod': 'module dir\n',
    '/go.mod': 'module root\n',
  });

  const cases: readonly (readonly [path: string, place: string, work?: string])[] = [
    ['/w/c/go.mod', 'module /w/c'],
    ['/w/c/go.sum', 'module /w/c'],
    ['/w/c/x/y/main.go', 'module /w/c'],
    ['/w/c', 'module /w/c'],
    ['/w/c/d/x', 'module /w/c'],
    ['/w/a/go.mod', 'workspace /w'],
    ['/w/a/x.go', 'workspace /w'],
    ['/w/b/go.sum', 'workspace /w'],
    ['/w/go.work', 'workspace /w'],
    ['/w/go.work.sum', 'workspace /w'],
    ['/w/e/x.go', 'module /w/e'],
    ['/w/x.go', 'module /'],
    ['/dir/x.go', 'module /dir'],
    ['/bad/m/go.mod', 'workspace /bad'],
    ['/nowhere/x.go', 'module /'],
    ['/w/a/go.mod', 'module /w/a', 'off'],
    ['/out/go.mod', 'module /out'],
    ['/out/go.mod', 'workspace /w', '/w/go.work'],
    ['/w/c/go.mod', 'module /w/c', '/w/go.work'],
  ];
  for (const [path, expected, work = ''] of cases) {
    it(`of ${path} is ${expected}${work && ` with GOWORK=${work}`}`, async () => {
      const place = await findProject(path, { ...ENVIRONMENT, work }, disk);
      assert.equal(place && `${place.kind} ${place.directory}`, expected);
    });
  }

  it('is none where there is no go.mod', async () => {
    assert.equal(await findProject('/x/y.go', ENVIRONMENT, new Disk({})), undefined);
  });

  it('reaches the root of a drive of Windows, and ends there', async () => {
    const drive = new Disk({ 'C:/m/go.mod': 'module m\n' });
    assert.deepEqual(await findProject('C:/m/x/y.go', ENVIRONMENT, drive), { kind: 'module', directory: 'C:/m' });
    assert.equal(await findProject('C:/n/y.go', ENVIRONMENT, drive), undefined);
  });
});

describe('A project that is loaded', () => {
  it('has go.mod and go.sum', async () => {
    const { project, failures } = await load({ kind: 'module', directory: '/m' }, new Disk({
      '/m/go.mod': 'module m\n\ngo 1.21\n',
      '/m/go.sum': 'a v1.0.0 h1:x\n',
    }));
    assert.deepEqual(failures, []);
    assert.equal(project.workspace, undefined);
    const [main] = project.modules;
    assert.equal(main!.mod.parsed.module?.path.value, 'm');
    assert.equal(main!.sum?.parsed.lines.length, 1);
    assert.deepEqual([main!.directory, main!.vendored, main!.mod.editable], ['/m', false, true]);
  });

  it('has the members of a go.work once, and leaves out those that are not there', async () => {
    const { project, failures } = await load({ kind: 'workspace', directory: '/w' }, new Disk({
      '/w/go.work': 'use ./a\nuse ./a/\nuse ./gone\nuse /far\nuse ../up\n',
      '/w/go.work.sum': '',
      '/w/a/go.mod': 'module a\n',
      '/far/go.mod': 'module far\n',
      '/up/go.mod': 'module up\n',
    }));
    assert.deepEqual(failures, []);
    assert.deepEqual(project.modules.map(({ directory }) => directory), ['/w/a', '/far', '/up']);
    assert.equal(project.workspace?.directory, '/w');
    assert.ok(project.workspace?.sum);
  });

  for (const [go, vendored] of [['go 1.14\n', true], ['go 1.13\n', false], ['', false]] as const) {
    it(`is ${vendored ? '' : 'not '}built from vendor/ with ${go.trim() || 'no go line'}`, async () => {
      const { project } = await load({ kind: 'module', directory: '/m' }, new Disk({
        '/m/go.mod': `module m\n${go}`,
        '/m/vendor/modules.txt': '',
      }));
      assert.equal(project.modules[0]!.vendored, vendored);
    });
  }

  it('says which file can not be read, and has no text to write over in its place', async () => {
    const unreadable = await load({ kind: 'module', directory: '/m' }, new Disk({ '/m/go.mod': SECRET }));
    assert.deepEqual([unreadable.project.modules, unreadable.failures], [[], ['permission denied']]);
    const sum = await load({ kind: 'module', directory: '/m' }, new Disk({ '/m/go.mod': 'module m\n', '/m/go.sum': SECRET }));
    assert.deepEqual(sum.failures, ['permission denied']);
    const file = sum.project.modules[0]!.sum!;
    assert.deepEqual([file.path, file.text, file.editable], ['/m/go.sum', '', false]);
    const work = await load({ kind: 'workspace', directory: '/w' }, new Disk({ '/w/go.work': 'use ./a\n', '/w/a/go.mod': SECRET, '/w/go.work.sum': DIRECTORY }));
    assert.deepEqual(work.failures.toSorted(), ['it is a directory', 'permission denied']);
  });

  it('parses a file anew only when it changed', async () => {
    const parsed: ParsedFiles = new Map();
    const files = new Disk({ '/m/go.mod': 'module m\n', '/m/go.sum': '' });
    const place: ProjectPlace = { kind: 'module', directory: '/m' };
    const first = (await load(place, files, parsed)).project.modules[0]!;
    files.files['/m/go.sum'] = 'a v1.0.0 h1:x\n';
    const second = (await load(place, files, parsed)).project.modules[0]!;
    assert.equal(second.mod, first.mod);
    assert.notEqual(second.sum, first.sum);
    files.files['/m/go.mod'] = { kind: 'text', text: 'module m\n', editable: false };
    assert.equal((await load(place, files, parsed)).project.modules[0]!.mod.editable, false);
  });
});

describe('What the go command says against a project', () => {
  const told = async (files: Record<string, string>, findings: Parameters<typeof refusals>[1] = []): Promise<string[]> => {
    const { project } = await load('/w/go.work' in files ? { kind: 'workspace', directory: '/w' } : { kind: 'module', directory: '/m' }, new Disk(files));
    return refusals(project, findings);
  };

  it('is nothing for files that it accepts', async () => {
    assert.deepEqual(await told({ '/m/go.mod': 'module m\n\nrequire a v1.0.0\n', '/m/go.sum': '\na v1.0.0 h1:x\n' }), []);
  });

  it('is the first fault of each file, in its words', async () => {
    assert.deepEqual(await told({ '/m/go.mod': 'module m\nfoo bar\nbaz\n', '/m/go.sum': 'a\n' }), [
      '/m/go.mod:2: unknown directive: foo, and 1 more; the go command does not accept this file',
      '/m/go.sum:1: wrong number of fields 1; the go command does not accept this file',
    ]);
    assert.deepEqual(await told({ '/w/go.work': 'go 1.21\nuse ./a\nnope x\n', '/w/a/go.mod': '' }), [
      '/w/go.work:3: unknown directive: nope; the go command does not accept this file',
      '/w/a/go.mod: missing module declaration; the go command does not accept this file',
    ]);
  });

  it('is nothing that a finding tells of', async () => {
    const finding = { at: { file: '/m/go.mod', span: { start: 9, end: 12 } }, message: 'it is' };
    const files = { '/m/go.mod': 'module m\nfoo bar\n' };
    assert.deepEqual(await told(files, [finding]), []);
    assert.equal((await told(files, [{ ...finding, at: { file: '/x/go.mod', span: finding.at.span } }])).length, 1, 'of that file');
    assert.equal((await told(files, [{ ...finding, at: { file: '/m/go.mod', span: { start: 0, end: 1 } } }])).length, 1, 'and that line');
  });
});

describe('The modules nearby', () => {
  it('are those of the project, beside it and of the folders, by what they declare', async () => {
    // The directories are those of this repository, which are there whatever the files say.
    const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
    const disk = new Disk({
      [`${root}/go.mod`]: 'module "example.com/root"\n',
      [`${root}/server/go.mod`]: 'module example.com/server // a comment\n',
      [`${root}/test/go.mod`]: 'broken(((\n',
      [`${root}/node_modules/go.mod`]: 'module example.com/own\n',
      [`${root}/.git/go.mod`]: 'module example.com/hidden\n',
    });
    const nearby = await findNearbyModules({ kind: 'module', directory: `${root}/client` }, [root], disk);
    const own: Project['nearby'] = [
      { path: 'example.com/root', directory: root },
      { path: 'example.com/server', directory: `${root}/server` },
    ];
    assert.deepEqual(nearby.filter(({ path }) => path !== 'example.com/own').toSorted((a, b) => (a.path < b.path ? -1 : 1)), own);
  });
});

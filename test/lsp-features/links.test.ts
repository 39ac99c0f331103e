import assert from 'node:assert/strict';
import type { GoEnvironment } from '../../server/src/engine/environment.ts';
import { documentLinks } from '../../server/src/lsp/features/document-links.ts';
import { documentationAddress } from '../../server/src/lsp/features/documentation-host.ts';
import { parseModuleFile, type ModuleFile } from '../../server/src/lsp/features/module-file.ts';
import { MOD, SUM, WORK } from './texts.ts';

const environment: GoEnvironment = {
  proxies: [{ kind: 'direct' }],
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

function links(kind: ModuleFile['kind'], text: string, changed: Partial<GoEnvironment> = {}, setting?: string): string[] {
  const found = documentLinks(parseModuleFile(kind, text).file, {
    directory: '/work/m',
    environment: { ...environment, ...changed },
    documentation: documentationAddress(setting),
  });
  return found.map(({ start, end, target }) => {
    return `${text.slice(start, end)} -> ${target.kind === 'file' ? target.path : target.address}`;
  });
}

describe('document links', () => {
  it('lead from modules to their documentation, and from directories to their go.mod', () => {
    assert.deepEqual(links('mod', MOD), [
      '../a -> /work/a/go.mod',
      'example.com/c -> https://pkg.go.dev/example.com/c@v1.0.0',
      'example.com/d -> https://pkg.go.dev/example.com/d@v1.2.0',
      'example.com/b/v2 -> https://pkg.go.dev/example.com/b/v2@v2.0.0',
      'example.com/c -> https://pkg.go.dev/example.com/c@v1.0.0',
      'example.com/b/v2/cmd/gen -> https://pkg.go.dev/example.com/b/v2@v2.0.0/cmd/gen',
    ]);
    assert.deepEqual(links('work', WORK), [
      './c -> /work/m/c/go.mod',
      './a -> /work/m/a/go.mod',
      '../b -> /work/b/go.mod',
    ]);
    assert.deepEqual(links('sum', SUM), ['example.com/a -> https://pkg.go.dev/example.com/a@v1.0.0']);
  });

  const requirements: readonly (readonly [name: string, line: string, link: string | undefined])[] = [
    ['has no version that is none', 'example.com/a master', 'https://pkg.go.dev/example.com/a'],
    ['has the canonical version', 'example.com/a v1', 'https://pkg.go.dev/example.com/a@v1.0.0'],
    ['keeps +incompatible', 'example.com/a v2.0.0+incompatible', 'https://pkg.go.dev/example.com/a@v2.0.0+incompatible'],
    ['is none for a path without a host', 'corp/a v1.0.0', undefined],
    ['is none for a path that is none', 'https://example.com/a v1.0.0', undefined],
    ['is none for a path that leads elsewhere', 'example.com/../evil v1.0.0', undefined],
  ];
  for (const [name, line, expected] of requirements) {
    it(`of a requirement ${name}`, () => {
      const found = links('mod', `module example.com/m\n\nrequire ${line}\n`);
      assert.deepEqual(found, expected === undefined ? [] : [`${line.split(' ')[0]} -> ${expected}`]);
    });
  }

  const secret = `module example.com/m

require (
\tcorp.example/a/b v1.0.0
\texample.com/open v1.0.0
)

exclude corp.example/a/b v1.1.0

replace example.com/x => corp.example/a/b v1.0.0

tool corp.example/a/b/cmd/gen
`;
  for (const name of ['private', 'noProxy'] as const) {
    it(`never name a module under ${name === 'private' ? 'GOPRIVATE' : 'GONOPROXY'}`, () => {
      assert.deepEqual(links('mod', secret, { [name]: 'other.example,corp.example/*' }), [
        'example.com/x -> https://pkg.go.dev/example.com/x',
        'example.com/open -> https://pkg.go.dev/example.com/open@v1.0.0',
      ]);
    });
  }

  const hosts: readonly (readonly [setting: unknown, address: string | undefined])[] = [
    [undefined, 'https://pkg.go.dev'],
    [null, 'https://pkg.go.dev'],
    ['pkg.go.dev', 'https://pkg.go.dev'],
    ['docs.corp.example', 'https://docs.corp.example'],
    ['docs.corp.example:8443/go/', 'https://docs.corp.example:8443/go'],
    ['http://localhost:6060/pkg', 'http://localhost:6060/pkg'],
    ['', undefined],
    ['file:///etc/passwd', undefined],
    ['https://user:secret@docs.corp.example', undefined],
    ['docs.corp.example?q=', undefined],
    ['not a host', undefined],
    [42, undefined],
  ];
  for (const [setting, address] of hosts) {
    it(`read the host ${JSON.stringify(setting)}`, () => assert.equal(documentationAddress(setting), address));
  }

  it('are none without a documentation host', () => assert.deepEqual(links('sum', SUM, {}, ''), []));

  it('to directories need a place on the disk', () => {
    const { file } = parseModuleFile('work', WORK);
    assert.deepEqual(documentLinks(file, { directory: undefined, environment, documentation: undefined }), []);
  });
});

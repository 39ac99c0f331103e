import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GoEnvironment } from '../../server/src/engine/environment.ts';
import { readGoEnvironment } from '../../server/src/host/go-environment.ts';
import { readSettings } from '../../server/src/lsp/settings.ts';
import { Workbench } from '../../server/src/lsp/workbench.ts';
import { FixtureNetwork } from '../rules/fixture-network.ts';

const MARK = '\ufeff';
const MOD = 'module example.com/m\n\ngo 1.21\n';

describe('a byte order mark that the editor hides', () => {
  let directory: string;
  let environment: GoEnvironment;
  const overlays = new Map<string, string>();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-mark-'));
    const env = { HOME: directory, GOENV: 'off', GOROOT: '/nowhere' };
    ({ environment } = await readGoEnvironment({ env, platform: process.platform }));
  });
  beforeEach(() => overlays.clear());
  after(() => rm(directory, { recursive: true, force: true }));

  async function findings(workbench: Workbench): Promise<string[]> {
    const { project } = await workbench.load({ kind: 'module', directory });
    return workbench.textFindings(project).map(({ rule, at, fixes }) => {
      const { start, end } = at.span;
      return `${at.file.slice(directory.length + 1)} ${rule} ${start}-${end} ${fixes?.length ?? 0} fixes`;
    });
  }

  function openWorkbench(): Workbench {
    const network = new FixtureNetwork([], { noProxy: '', noSumDb: '' });
    return new Workbench({ environment, network, settings: readSettings({ network: 'off' }, true), overlays, folders: [directory] });
  }

  it('is read from the disk, and gone when the file is saved without', async () => {
    const path = join(directory, 'go.mod');
    const workbench = openWorkbench();
    overlays.set(path, MOD);
    await writeFile(path, MARK + MOD);
    assert.deepEqual(await findings(workbench), ['go.mod syntax-error 0-1 0 fixes']);
    await writeFile(path, MOD);
    assert.deepEqual(await findings(workbench), []);
  });

  it('is still reported while the text is edited', async () => {
    const path = join(directory, 'go.mod');
    const workbench = openWorkbench();
    overlays.set(path, MOD);
    await writeFile(path, MARK + MOD);
    const { project } = await workbench.load({ kind: 'module', directory });
    overlays.set(path, `${MOD}\nexclude example.com/a v1.0.0\n`);
    const glance = workbench.glance(project, path);
    assert.deepEqual(glance?.findings.map(({ rule }) => rule), ['syntax-error']);
  });

  it('is reported of go.sum as well', async () => {
    const workbench = openWorkbench();
    await writeFile(join(directory, 'go.mod'), MOD);
    await writeFile(join(directory, 'go.sum'), `${MARK}example.com/a v1.0.0 h1:a\n`);
    overlays.set(join(directory, 'go.sum'), 'example.com/a v1.0.0 h1:a\n');
    assert.deepEqual(await findings(workbench), ['go.sum malformed-checksum-line 0-1 0 fixes']);
    overlays.clear();
    assert.deepEqual(await findings(workbench), ['go.sum malformed-checksum-line 0-1 1 fixes']);
    await rm(join(directory, 'go.sum'));
  });
});

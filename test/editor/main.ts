// The tests in the editor, from outside: `node test/editor/main.ts [--screenshots]`, after scripts/setup.mjs --editor. With
// --screenshots only those that take pictures, which renew docs/images.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import Mocha from 'mocha';
import { fail } from '../../scripts/command.mjs';
import { usesServedEditor } from '../../scripts/editor.mjs';
import { layOutExample } from '../world/example.ts';

const root = path.join(import.meta.dirname, '../..');
const inHostTests = path.join(root, '.build/editor-tests');

try {
  const renewing = process.argv.includes('--screenshots');
  if (renewing) process.env['GOMOD_HEALTH_SCREENSHOTS'] = 'renew';
  else await bundleInHostTests();
  const inHost = renewing || (await passesInHost());
  const inBrowser = await passesInBrowser();
  process.exitCode = inHost && inBrowser ? 0 : 1;
} catch (error) {
  fail(error);
}

/** The extension host of an older desktop VS Code does not know TypeScript, so its tests are CommonJS bundles. */
async function bundleInHostTests(): Promise<void> {
  rmSync(inHostTests, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: ['test/editor/in-host/index.ts', 'test/editor/in-host/*.in-host.ts'],
    outdir: inHostTests,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    define: { 'import.meta.dirname': '__dirname' },
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

/** Runs the tests that use VS Code's API, inside the extension host. */
async function passesInHost(): Promise<boolean> {
  console.log('\nIn the extension host:');
  const directory = mkdtempSync(path.join(os.tmpdir(), 'gomod-health-in-host-'));
  const example = await layOutExample(directory);
  try {
    await runTests({
      // Elsewhere a desktop VS Code is downloaded; the launcher brings one that npm carries.
      ...(usesServedEditor && { vscodeExecutablePath: path.join(import.meta.dirname, 'launcher.ts') }),
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(inHostTests, 'index.cjs'),
      extensionTestsEnv: example.env,
      launchArgs: [example.workspace],
    });
    return true;
  } catch (error) {
    // The failed tests have told why; anything else has only this sentence.
    console.error(error instanceof Error ? error.message : error);
    return false;
  } finally {
    await example.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs the tests that use the editor as a person does, with a mouse and keys. */
async function passesInBrowser(): Promise<boolean> {
  console.log('\nIn a browser, as a person:');
  const mocha = new Mocha({ timeout: 120_000, reporter: path.join(root, 'scripts/counting-reporter.cjs') });
  mocha.addFile(path.join(import.meta.dirname, 'in-browser/person.in-browser.ts'));
  await mocha.loadFilesAsync();
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  return failures === 0;
}

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { usesServedEditor } from '../../../scripts/editor.mjs';
import { layOutExample, type Example } from '../../world/example.ts';
import { startBrowser } from '../browser.ts';
import { startServedWorkbench, type ServedWorkbench } from '../served-workbench.ts';

const root = path.join(import.meta.dirname, '../../..');

const scratchImages = path.join(root, '.build/images');

/** `npm run screenshots` renews the pictures of the docs; any other run leaves the checkout as it is. */
const images = process.env['GOMOD_HEALTH_SCREENSHOTS'] === 'renew' ? path.join(root, 'docs/images') : scratchImages;

let browser: Browser;

before(async function () {
  if (!usesServedEditor) {
    console.log('skipped: the tests as a person drive the served editor, which is set up on Linux only');
    this.skip();
  }
  browser = await startBrowser();
});
after(() => browser?.close());

describe('A person', () => {
  const desk = openDesk({ trusted: true });

  it('hovers the squiggle and reads what is wrong', async () => {
    const { page } = desk();
    await openFromExplorer(page, 'go.mod');
    await page.locator('.squiggly-error').nth(2).waitFor();
    await token(page, 'v1.9.0').hover();
    const hover = page.locator('.monaco-hover:visible').filter({ hasText: 'does not exist' });
    await hover.waitFor();
    assert.match(await hover.innerText(), /github\.com\/acme\/log v1\.9\.0 does not exist/);
    assert.match(await hover.innerText(), /missing-tag/);
    await picture(page, 'missing-tag-hover');
  });

  it('sees in the status bar that everything was checked', async () => {
    const { page } = desk();
    await page.locator('[id="status.languageStatus"]').hover();
    await page.locator('.hover-language-status').filter({ hasText: 'Modules checked' }).waitFor();
  });

  it('runs “Verify Module Tags” from the palette to its summary', async () => {
    const { page } = desk();
    // The table is wide.
    await page.keyboard.press('Control+B');
    await page.keyboard.press('F1');
    await page.keyboard.type('Verify Module Tags');
    await page.getByRole('option', { name: /Go Module Health: Verify Module Tags/ }).click();
    await page.getByRole('tab', { name: 'Module Tags' }).waitFor();
    // Under its test driver VS Code shows no toasts: the message waits behind the bell.
    await page.getByRole('button', { name: /Notification/ }).last().click();
    const summary = page.locator('.notification-list-item-message').first();
    await summary.waitFor();
    assert.match(await summary.innerText(), /^5 requirements: \d+ verified/);
    await page.mouse.move(600, 500);
    await picture(page, 'verify-module-tags');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+B');
    await page.getByRole('tab', { name: 'go.mod' }).click();
  });

  it('clicks the lightbulb and chooses “Add replace directive”', async () => {
    const { page, example } = desk();
    const menu = await openLightbulb(page, 'v1.9.0');
    const choice = menu.getByText(/^Add replace directive: github\.com\/acme\/log/);
    await choice.hover();
    await picture(page, 'add-replace-directive');
    await choice.click();
    await page.getByText(/^replace\sgithub\.com\/acme\/log\sv1\.9\.0\s=>\sgithub\.com\/acme\/log\sv1\.5\.0$/).waitFor();
    await picture(page, 'replace-directive-added');
    await saveAll(page);
    assert.match(read(example, 'go.mod'), /^replace github\.com\/acme\/log v1\.9\.0 => github\.com\/acme\/log v1\.5\.0$/m);
    assert.match(read(example, 'go.sum'), /^github\.com\/acme\/log v1\.5\.0 h1:/m);
  });

  it('sees every file that a new path changes before it is changed', async () => {
    const { page, example } = desk();
    const menu = await openLightbulb(page, 'v2.1.0');
    await menu.getByText(/^Require github\.com\/acme\/queue\/v2 v2\.1\.0 and rewrite its imports/).click();
    const preview = page.locator('.part.panel');
    await preview.getByText('drain_integration.go').waitFor();
    await picture(page, 'rewrite-imports-preview');
    assert.match(read(example, 'main.go'), /"github\.com\/acme\/queue"/);
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.locator('.squiggly-error').nth(1).waitFor({ state: 'detached' });
    await saveAll(page);
    assert.match(read(example, 'main.go'), /"github\.com\/acme\/queue\/v2"/);
    assert.match(read(example, 'internal/charge/charge_test.go'), /"github\.com\/acme\/queue\/v2\/queuetest"/);
  });
});

describe('A person who does not trust the folder', () => {
  const desk = openDesk({ trusted: false });

  it('sees only what the text says', async () => {
    const { page } = desk();
    await page.getByText('Restricted Mode').first().waitFor();
    await openFromExplorer(page, 'go.mod');
    await page.locator('.squiggly-error').first().waitFor();
    // The language server would have asked by now: it has answered from the text, and its answer has been drawn.
    await page.waitForTimeout(2_000);
    assert.equal(await page.locator('.squiggly-error').count(), 1);
    await token(page, 'v2.1.0').hover();
    await page.locator('.monaco-hover:visible').filter({ hasText: 'major-path-mismatch' }).waitFor();
  });

  it('sees the rest once the folder is trusted', async () => {
    const { page } = desk();
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await page.keyboard.type('Workspaces: Manage Workspace Trust');
    await page.getByRole('option', { name: /Manage Workspace Trust/ }).first().click();
    await page.getByRole('button', { name: 'Trust', exact: true }).first().click();
    await page.getByText('You trust this folder').waitFor();
    await page.locator('.monaco-modal-editor-block').getByRole('button', { name: /^Close/ }).click();
    await openFromExplorer(page, 'go.mod');
    await page.locator('.squiggly-error').nth(2).waitFor();
  });
});

interface Desk {
  readonly page: Page;
  readonly example: Example;
}

/** Lays out the example and opens it in an editor of its own, for the tests of one `describe`. */
function openDesk({ trusted }: { trusted: boolean }): () => Desk {
  let directory: string;
  let example: Example | undefined;
  let workbench: ServedWorkbench | undefined;
  let page: Page;
  before(async () => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'gomod-health-'));
    example = await layOutExample(directory);
    workbench = await startServedWorkbench({ extension: root, environment: example.env, trusted });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(15_000);
    await page.goto(workbench.address(example.workspace));
    await page.locator('.monaco-workbench').waitFor();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await picture(page, `failed - ${this.currentTest.title}`, scratchImages);
  });
  after(async () => {
    await page?.close();
    await workbench?.close();
    await example?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    assert.ok(example);
    return { page, example };
  };
}

async function openFromExplorer(page: Page, file: string): Promise<void> {
  await page.getByRole('treeitem', { name: file, exact: true }).dblclick();
  await page.getByRole('tab', { name: file }).waitFor();
}

/** A token of the editor's text. */
function token(page: Page, text: string): Locator {
  return page.locator('.editor-instance .view-line span span').getByText(text, { exact: true }).first();
}

/** Clicks the lightbulb beside a token. @returns The menu of its fixes. */
async function openLightbulb(page: Page, text: string): Promise<Locator> {
  await token(page, text).click();
  await page.locator('.lightBulbWidget:visible').click();
  const menu = page.locator('.action-widget:not(.action-list-submenu-panel)');
  await menu.waitFor();
  return menu;
}

async function saveAll(page: Page): Promise<void> {
  await page.keyboard.press('F1');
  await page.keyboard.type('File: Save All');
  await page.getByRole('option', { name: /File: Save All/ }).first().click();
  await page.locator('.tab.dirty').first().waitFor({ state: 'detached' });
}

function read(example: Example, file: string): string {
  return readFileSync(path.join(example.workspace, file), 'utf8');
}

async function picture(page: Page, name: string, folder = images): Promise<void> {
  mkdirSync(folder, { recursive: true });
  // The caret blinks and the tooltips fade in.
  await page.waitForTimeout(600);
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
}

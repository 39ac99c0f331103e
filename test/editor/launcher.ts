#!/usr/bin/env node
// Stands in for VS Code's executable where no desktop VS Code can be downloaded. @vscode/test-electron's runTests starts it with
// VS Code's own arguments; it runs the tests in the same extension host, served to a browser, and ends with the tests' code.
import { format, parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startBrowser } from './browser.ts';
import { startServedWorkbench } from './served-workbench.ts';

const patienceMilliseconds = 10 * 60_000;

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: { extensionDevelopmentPath: { type: 'string' }, extensionTestsPath: { type: 'string' } },
});
const { extensionDevelopmentPath: extension, extensionTestsPath: testsModule } = values;
const [folder] = positionals;
if (typeof extension !== 'string' || typeof testsModule !== 'string' || folder === undefined) {
  throw new Error('The launcher needs --extensionDevelopmentPath=…, --extensionTestsPath=… and a folder.');
}

const trusted = values['disable-workspace-trust'] === true;
// The editor's console holds much beside what the tests print; the mark tells them apart.
const mark = '[in host] ';
const environment = { GOMOD_HEALTH_TEST_MARK: mark };
const lastWords: string[] = [];
const workbench = await startServedWorkbench({ extension, environment, trusted });
try {
  const browser = await startBrowser();
  try {
    process.exitCode = await runTests(await browser.newPage(), workbench.address(folder, testsModule));
  } finally {
    await browser.close();
  }
} finally {
  await workbench.close();
}

/** @returns The code with which the tests end the editor. */
async function runTests(page: Page, address: string): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<number>((resolve, reject) => {
    timer = setTimeout(
      () => reject(failure(`did not end within ${patienceMilliseconds / 60_000} minutes`)),
      patienceMilliseconds,
    );
    page.once('crash', () => reject(failure('crashed its page')));
    void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code)).catch(reject);
  });
  await page.exposeFunction('codeAutomationLog', printLog);
  try {
    await page.goto(address);
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

function failure(what: string): Error {
  return new Error(`The editor with the tests ${what}. Its last words:\n${lastWords.join('\n')}`);
}

/** Prints what the tests print, and keeps the editor's own last words for a failure. */
function printLog(_type: string, args: readonly unknown[]): void {
  const text = format(...args);
  if (text.startsWith(mark)) {
    console.log(text.slice(mark.length));
    return;
  }
  lastWords.push(text);
  if (lastWords.length > 40) lastWords.shift();
}

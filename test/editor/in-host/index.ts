import { readdirSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

const root = path.join(import.meta.dirname, '../..');

/** Called by VS Code in the extension host; it ends the editor with 1 when this rejects. */
export async function run(): Promise<void> {
  markOutput(process.env['GOMOD_HEALTH_TEST_MARK']);
  const mocha = new Mocha({ timeout: 60_000, reporter: path.join(root, 'scripts/counting-reporter.cjs') });
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.in-host.cjs'));
  if (files.length === 0) throw new Error('There are no tests to run in the extension host.');
  for (const file of files.sort()) mocha.addFile(path.join(import.meta.dirname, file));
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} of the tests in the extension host failed.`);
}

/** Marks every line that the tests print, for a launcher that can't tell it from the editor's own otherwise. */
function markOutput(mark: string | undefined): void {
  if (mark === undefined) return;
  const print = console.log;
  const printMarked = (...parts: unknown[]): void => print(mark + format(...parts));
  console.log = printMarked;
  Mocha.reporters.Base.consoleLog = printMarked;
}

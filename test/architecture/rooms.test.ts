import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { rooms } from '../../eslint.config.js';

const ROOT = join(import.meta.dirname, '..', '..');

/** A package that no room may use. */
const STRANGER = 'left-pad';

describe('the rooms', function () {
  this.timeout(120_000);
  const eslint = new ESLint({ cwd: ROOT });

  async function refusals(room: string, code: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath: join(ROOT, 'server/src', room, 'guarded.ts') });
    return result!.messages.map(({ ruleId }) => ruleId ?? '');
  }

  it('are those that there are', () => {
    assert.deepEqual(readdirSync(join(ROOT, 'server/src')).sort(), Object.keys(rooms).sort());
  });

  for (const [name, room] of Object.entries(rooms)) {
    describe(name, () => {
      it('has files, so that its guard guards something', () => {
        const files = readdirSync(join(ROOT, 'server/src', name), { recursive: true, encoding: 'utf8' });
        assert.notEqual(files.filter((file) => file.endsWith('.ts')).length, 0);
      });

      it('refuses rooms that no arrow leads to, and packages that are not listed', async () => {
        const closed = Object.keys(rooms).filter((other) => other !== name && !(room.rooms as string[]).includes(other));
        for (const other of closed) {
          assert.deepEqual(await refusals(name, `import '../${other}/thing.ts';\n`), ['no-restricted-imports'], other);
        }
        assert.deepEqual(await refusals(name, `import '${STRANGER}';\n`), ['no-restricted-imports']);
      });

      it('lets in what it may use', async () => {
        for (const other of room.rooms) assert.deepEqual(await refusals(name, `import '../${other}/thing.ts';\n`), []);
        for (const used of room.packages) {
          assert.deepEqual(await refusals(name, `import '${used.replace('*', 'fs')}';\n`), []);
        }
      });

      if (!room.pure) return;

      it('reads no clock and compiles without Node', async () => {
        assert.deepEqual(await refusals(name, 'export const now = Date.now();\n'), ['no-restricted-properties']);
        assert.deepEqual(await refusals(name, 'export const now = new Date();\n'), ['no-restricted-syntax']);
        const config = readFileSync(join(ROOT, 'server/src', name, 'tsconfig.json'), 'utf8');
        assert.match(config, /tsconfig\.pure\.json/);
      });
    });
  }
});

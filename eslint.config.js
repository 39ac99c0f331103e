import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The rooms of the server and what each may import: other rooms, and packages by name. The map is drawn in
 * docs/ARCHITECTURE.md; test/architecture holds that every entry matches files and bites.
 */
export const rooms = {
  syntax: { pure: true, rooms: [], packages: ['semver', 'semver/*'] },
  engine: { pure: true, rooms: ['syntax'], packages: [] },
  sumdb: { pure: true, rooms: [], packages: [] },
  net: { pure: false, rooms: ['engine', 'sumdb', 'syntax'], packages: ['node:*', 'undici', 'simple-git', 'yauzl'] },
  host: { pure: false, rooms: ['engine', 'syntax'], packages: ['node:*', 'yauzl'] },
  lsp: {
    pure: false,
    rooms: ['engine', 'host', 'net', 'syntax'],
    packages: ['node:*', 'vscode-languageserver/node', 'vscode-languageserver-textdocument', 'vscode-uri'],
  },
  cli: { pure: false, rooms: ['engine', 'host', 'lsp', 'net', 'syntax'], packages: ['node:*', 'commander', 'picocolors'] },
};

const timeless = [
  { object: 'Date', property: 'now', message: 'A pure room reads no clock; let the time come in as a value.' },
  { object: 'Math', property: 'random', message: 'A pure room gives the same answer to the same question.' },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.build/', '.vscode-test/', 'examples/*/', 'test/live/module/', 'test/modules/*/'] },
  eslint.configs.recommended,
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    languageOptions: { globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly' } },
    rules: {
      // Where an index is known to be in range, the assertion says so in the shortest way.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Control characters are looked for in order to be escaped.
      'no-control-regex': 'off',
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'max-len': ['error', lineLength(130)],
    },
  },
  // Tables of data are read by the row.
  { files: ['test/**', 'scripts/**', 'bench/**', 'eslint.config.js'], rules: { 'max-len': ['error', lineLength(160)] } },
  ...Object.entries(rooms).map(([name, room]) => ({
    files: [`server/src/${name}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns: forbidden(name, room) }],
      ...(room.pure && {
        'no-restricted-properties': ['error', ...timeless],
        'no-restricted-syntax': ['error', { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: timeless[0].message }],
      }),
    },
  })),
  {
    files: ['client/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: 'server/', message: 'The client talks to the server over LSP only.' }] }],
    },
  },
);

function lineLength(code) {
  return { code, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true };
}

/** The imports that a room may not have: other rooms that no arrow leads to, and packages that are not listed. */
function forbidden(name, room) {
  const closed = Object.keys(rooms).filter((other) => other !== name && !room.rooms.includes(other));
  const open = room.packages.map((pattern) => pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace('*', '.*'));
  return [
    { regex: `^\\.\\.?/(.*/)?(${closed.join('|')})/`, message: `No arrow leads from ${name} to that room.` },
    { regex: `^(?!\\.)(?!(${open.join('|') || '$.'})$)`, message: `${name} does not use that package.` },
  ];
}

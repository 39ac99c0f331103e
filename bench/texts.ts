/** A module as go.mod and go.sum name it. */
interface Module {
  readonly path: string;
  readonly version: string;
}

const HOSTS = ['github.com', 'gitlab.com', 'golang.org/x', 'go.example.org', 'k8s.io', 'google.golang.org'];
const WORDS = ['cloud', 'api', 'storage', 'client', 'text', 'sync', 'metrics', 'proto', 'runtime', 'tools', 'net', 'log'];

/** Modules with paths and versions of the usual kinds: a third of the versions are pseudo-versions, some paths end in /vN. */
function modules(count: number, first = 0): Module[] {
  return Array.from({ length: count }, (_, index) => {
    const at = first + index;
    const major = at % 7 === 0 ? 2 + (at % 3) : 1;
    const path = `${HOSTS[at % HOSTS.length]!}/${WORDS[at % WORDS.length]!}-${at}/${WORDS[(at * 5) % WORDS.length]!}`;
    const hash = (at * 2_654_435_761).toString(16).padStart(12, '0').slice(-12);
    const pseudo = `v${major === 1 ? 0 : major}.0.0-${time(at)}-${hash}`;
    const version = at % 3 === 0 ? pseudo : `v${major}.${at % 40}.${at % 11}`;
    return { path: major === 1 ? path : `${path}/v${major}`, version };
  });
}

/** A second of 2024, as pseudo-versions write it. */
function time(at: number): string {
  return ['2024', 1 + (at % 12), 1 + (at % 28), at % 24, at % 60, (at * 7) % 60].map((part) => String(part).padStart(2, '0')).join('');
}

/**
 * A go.mod with this many requirements, two thirds of them indirect, as `go mod tidy` writes it.
 *
 * @param first where the list of modules begins, so that texts can have none in common
 */
export function goMod(count: number, first = 0): string {
  const all = modules(count, first).sort((a, b) => (a.path < b.path ? -1 : 1));
  const direct = all.filter((_, at) => at % 3 === 0);
  const indirect = all.filter((_, at) => at % 3 !== 0);
  return [
    'module example.com/bench',
    '',
    'go 1.26.0',
    '',
    'require (',
    ...direct.map(({ path, version }) => `\t${path} ${version}`),
    ')',
    '',
    'require (',
    ...indirect.map(({ path, version }) => `\t${path} ${version} // indirect`),
    ')',
    '',
  ].join('\n');
}

/** The go.sum to it: both lines of every module. */
export function goSum(count: number): string {
  const hash = 'h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
  return modules(count)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, version }) => `${path} ${version} ${hash}\n${path} ${version}/go.mod ${hash}\n`)
    .join('');
}

/** Texts that a parser may stumble over again and again, by what they are made of; each about this many characters long. */
export function hostileTexts(length: number): Map<string, string> {
  const of = (piece: string): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
  return new Map([
    ['one word', of('a')],
    ['words in one line', of('a ')],
    ['open parentheses', of('(')],
    ['blocks that do not end', of('require (\n')],
    ['blocks within a block', `require (\n${of('x (\n')}`],
    ['directives within a block that does not end', `require (\n${of('exclude a.b/c v1.0.0\n')}`],
    ['strings that do not end', of('"a\n')],
    ['backslashes in a string', of('"\\')],
    ['backquotes', of('`')],
    ['comments that do not end', of('/*')],
    ['comments in one line', of('// ')],
    ['comments by lines', of('//\n')],
    ['blank lines in a block', `require (${of('\n')}`],
    ['blanks', of(' ')],
    ['carriage returns', of('\r')],
    ['control characters', of('\0')],
    ['halves of surrogate pairs', of('\ud83d')],
    ['letters beyond ASCII', of('é')],
    ['unknown directives', of('requir x\n')],
    ['repeated directives', of('module a.b/c\n')],
    ['requirements of one module', of('require a.b/c v1.0.0\n')],
    ['replacements without an arrow', of('replace a.b/c v1.0.0\n')],
    ['open intervals', of('retract [v1.0.0, \n')],
    ['versions without an end', `require a.b/c v1.${of('0')}`],
    ['slashes in a path', `require a.b${of('/c')} v1.0.0`],
  ]);
}

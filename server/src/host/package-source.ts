import type { PackageSource } from '../engine/facts.ts';
import type { GoImports } from '../syntax/go-imports.ts';
import { parseGoImports } from '../syntax/go-imports.ts';
import { interned } from '../syntax/memory.ts';
import { compareText } from '../syntax/utf8.ts';

/** What the head of one Go file tells of its package, whatever its name. */
export interface FileImports {
  /** Import paths in the order of the file, without `C` and those of App Engine, which lead to no module. */
  readonly imports: readonly string[];
  /** Its build constraints keep it out of all that `go mod tidy` looks at. */
  readonly ignored: boolean;
  /** Some builds may leave it out: it has a build constraint, uses cgo, or documents a command alone. */
  readonly conditional: boolean;
}

/** A file of a package's directory. */
export interface NamedImports {
  readonly name: string;
  readonly content: FileImports;
}

/** A directory without Go files, or one that is not there. */
export const NO_PACKAGE: PackageSource = {
  hasGoFiles: false,
  isPackage: false,
  imports: [],
  testImports: [],
  alwaysImported: [],
};

/** A file whose text the go command does not read, as its name begins with `_` or `.`. */
export const UNREAD_FILE: FileImports = { imports: [], ignored: true, conditional: false };

/** Undefined for a file that the go command refuses to read, because of a NUL character. */
export function fileImports(text: string): FileImports | undefined {
  const head = parseGoImports(text);
  return head.readable ? importsOfHead(text, head) : undefined;
}

export function importsOfHead(text: string, { imports, ignored, packageName }: GoImports): FileImports {
  const paths = imports.map(({ importPath }) => importPath);
  return {
    imports: paths.filter(isLookedUp).map(interned),
    ignored,
    // Wherever in the file such words stand, they are taken for a constraint: a build that may leave it out is enough.
    // And no build reads the package `documentation` (go/build/build.go:Import).
    conditional:
      packageName === 'documentation' || text.includes('//go:build') || text.includes('+build') || paths.includes('C'),
  };
}

/** The go command looks an import up in modules, unless it is cgo's or of App Engine (modload/load.go:scanDir). */
export function isLookedUp(importPath: string): boolean {
  return importPath !== 'C' && !/^appengine(_internal)?(\/|$)/.test(importPath);
}

/** What the files of one directory make of its package (cmd/go/internal/imports/scan.go:scanFiles with the tag `*`). */
export function packageSource(files: readonly NamedImports[]): PackageSource {
  if (files.length === 0) return NO_PACKAGE;
  const imports = new Set<string>();
  const testImports = new Set<string>();
  const always = new Set<string>();
  const read = files.filter(({ content }) => !content.ignored);
  for (const { name, content } of read) {
    const isTest = name.endsWith('_test.go');
    for (const path of content.imports) (isTest ? testImports : imports).add(path);
    if (isTest || content.conditional || namesPlatform(name)) continue;
    for (const path of content.imports) always.add(path);
  }
  return {
    hasGoFiles: true,
    isPackage: read.length > 0,
    imports: [...imports].sort(compareText),
    testImports: [...testImports].sort(compareText),
    alwaysImported: [...always].sort(compareText),
  };
}

/** The name of a file whose text the go command reads. */
export function isReadName(name: string): boolean {
  return name.endsWith('.go') && !name.startsWith('_') && !name.startsWith('.');
}

/** A name like `file_linux.go` or `file_linux_arm64.go` (go/build: goodOSArchFile); the list is open to later ports. */
function namesPlatform(name: string): boolean {
  const [, ...words] = name.slice(0, -'.go'.length).split('_');
  return words.slice(-2).some((word) => PLATFORMS.has(word));
}

/** GOOS and GOARCH, past, present and reserved (internal/syslist). */
const PLATFORMS = new Set(
  (
    'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos ' +
    '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ' +
    'ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'
  ).split(' '),
);

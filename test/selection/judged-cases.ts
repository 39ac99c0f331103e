import type { JudgedCase } from './judged-world.ts';

const CHAIN = {
  'a@v1.0.0': 'go 1.21\n\nrequire example.com/b v1.0.0',
  'b@v1.0.0': 'go 1.21\n\nrequire example.com/c v1.0.0',
  'b@v1.1.0': 'go 1.21',
  'c@v1.0.0': 'go 1.21',
};

const OLD_CHAIN = {
  'a@v1.0.0': 'go 1.16\n\nrequire example.com/b v1.0.0',
  'b@v1.0.0': 'go 1.16\n\nrequire example.com/c v1.0.0',
  'b@v1.1.0': 'go 1.16',
  'c@v1.0.0': 'require example.com/d v1.0.0',
  'd@v1.0.0': '',
};

const ROOTS = 'require (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0 // indirect\n)';

const OUTBID = {
  'a@v1.0.0': 'go 1.21\n\nrequire example.com/b v1.1.0',
  'b@v1.0.0': 'go 1.21',
  'b@v1.1.0': 'go 1.21\n\nrequire example.com/c v1.1.0',
  'c@v1.0.0': 'go 1.21',
  'c@v1.1.0': 'go 1.21',
};

const LOW = 'require (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0\n)';

/** Where the required version is not the selected one. */
const DECLARED_AND_SELECTED: readonly JudgedCase[] = [
  { name: 'a requirement below another\'s', main: `go 1.21\n\n${LOW}`, modules: OUTBID, without: [] },
  { name: 'a requirement below another\'s, with -mod=mod', main: `go 1.21\n\n${LOW}`, modules: OUTBID, without: [], goFlags: '-mod=mod' },
  { name: 'a requirement below another\'s, without pruning', main: `go 1.16\n\n${LOW}`, modules: OUTBID, without: [] },
  {
    name: 'a requirement that is raised by the raising of another',
    main: 'go 1.21\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0\n\texample.com/c v1.0.0\n)',
    modules: OUTBID,
    without: [],
  },
  {
    name: 'a requirement that is raised by the raising of another, with -mod=mod',
    main: 'go 1.21\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0\n\texample.com/c v1.0.0\n)',
    modules: OUTBID,
    without: [],
    goFlags: '-mod=mod',
  },
  { name: 'a higher version that is excluded', main: `go 1.21\n\n${LOW}\n\nexclude example.com/b v1.1.0`, modules: OUTBID, without: [] },
  { name: 'a higher version that is replaced', main: `go 1.21\n\n${LOW}\n\nreplace example.com/b => example.com/b v1.0.0`, modules: OUTBID, without: [] },
  { name: 'a requirer that is replaced', main: `go 1.21\n\n${LOW}\n\nreplace example.com/a => example.com/c v1.0.0`, modules: OUTBID, without: [] },
  {
    name: 'a higher version beyond the reach of pruning',
    main: 'go 1.21\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/c v1.0.0\n)',
    modules: OUTBID,
    without: [],
  },
  { name: 'a higher version in the module\'s vendor directory', main: `go 1.21\n\n${LOW}`, modules: OUTBID, without: [], files: { 'vendor/modules.txt': '' } },
  { name: 'a go line below a dependency\'s', main: 'go 1.21\n\nrequire example.com/a v1.0.0', modules: { 'a@v1.0.0': 'go 1.22.0' }, without: [] },
  { name: 'a go line without a patch below a dependency\'s', main: 'go 1.22\n\nrequire example.com/a v1.0.0', modules: { 'a@v1.0.0': 'go 1.22.0' }, without: [] },
  { name: 'no go line', main: 'require example.com/a v1.0.0', modules: { 'a@v1.0.0': 'go 1.21' }, without: [] },
  { name: 'no go line and an old dependency', main: 'require example.com/a v1.0.0', modules: { 'a@v1.0.0': 'go 1.20' }, without: [] },
  { name: 'an old go line above an old dependency', main: 'go 1.18\n\nrequire example.com/a v1.0.0', modules: { 'a@v1.0.0': 'go 1.20' }, without: [] },
  {
    name: 'a toolchain line between the go lines',
    main: 'go 1.21\n\ntoolchain go1.22.0\n\nrequire example.com/a v1.0.0',
    modules: { 'a@v1.0.0': 'go 1.22.3' },
    without: [],
  },
  {
    name: 'a requirement on the main module itself',
    main: 'go 1.21\n\nrequire example.com/m v0.9.0',
    modules: { 'm@v0.9.0': 'go 1.21' },
    without: [],
  },
];

/** Each is judged by the go command; what it says is not written here. */
export const judgedCases: readonly JudgedCase[] = [
  { name: 'a go.sum without any line', main: `go 1.21\n\n${ROOTS}`, modules: CHAIN, without: 'every line' },
  { name: 'a whole go.sum', main: `go 1.21\n\n${ROOTS}`, modules: CHAIN, without: [] },
  { name: 'the files without a hash', main: `go 1.21\n\n${ROOTS}`, modules: CHAIN, without: ['a v1.0.0', 'b v1.0.0'] },
  { name: 'one go.mod without a hash', main: `go 1.21\n\n${ROOTS}`, modules: CHAIN, without: ['b v1.0.0/go.mod'] },
  { name: 'what pruning hides', main: `go 1.21\n\n${ROOTS}`, modules: CHAIN, without: ['c v1.0.0/go.mod'] },
  { name: 'a root that go.mod leaves out', main: 'go 1.21\n\nrequire example.com/a v1.0.0', modules: CHAIN, without: ['b v1.0.0/go.mod', 'c v1.0.0/go.mod'] },
  { name: 'dependencies without pruning', main: 'go 1.21\n\nrequire example.com/a v1.0.0', modules: OLD_CHAIN, without: 'every line' },
  { name: 'the end of a chain without pruning', main: 'go 1.21\n\nrequire example.com/a v1.0.0', modules: OLD_CHAIN, without: ['d v1.0.0/go.mod'] },
  { name: 'a main module without pruning', main: 'go 1.16\n\nrequire example.com/a v1.0.0', modules: CHAIN, without: 'every line' },
  { name: 'a main module without a go line', main: 'require example.com/a v1.0.0', modules: CHAIN, without: ['c v1.0.0/go.mod'] },
  {
    name: 'a lower version that is not selected',
    main: 'go 1.21\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.1.0\n)',
    modules: OLD_CHAIN,
    without: ['b v1.0.0/go.mod'],
  },
  { name: 'an excluded requirement', main: `go 1.21\n\n${ROOTS}\n\nexclude example.com/b v1.0.0`, modules: CHAIN, without: 'every line' },
  {
    name: 'an exclusion of what a dependency requires',
    main: 'go 1.16\n\nrequire example.com/a v1.0.0\n\nexclude example.com/b v1.0.0',
    modules: CHAIN,
    without: 'every line',
  },
  { name: 'a replacement by a module', main: `go 1.21\n\n${ROOTS}\n\nreplace example.com/b => example.com/c v1.0.0`, modules: { ...CHAIN, 'c@v1.0.0': 'go 1.21' }, without: 'every line' },
  { name: 'a replacement by another version', main: `go 1.21\n\n${ROOTS}\n\nreplace example.com/b v1.0.0 => example.com/b v1.1.0`, modules: CHAIN, without: ['b v1.0.0/go.mod', 'b v1.1.0/go.mod'] },
  { name: 'a replacement of another version', main: `go 1.21\n\n${ROOTS}\n\nreplace example.com/b v1.1.0 => example.com/c v1.0.0`, modules: CHAIN, without: ['b v1.0.0/go.mod', 'c v1.0.0/go.mod'] },
  {
    name: 'a replacement by a directory',
    main: `go 1.16\n\n${ROOTS}\n\nreplace example.com/b => ./b`,
    modules: CHAIN,
    without: 'every line',
    files: { 'b/go.mod': 'module example.com/b\n\ngo 1.21\n\nrequire example.com/c v1.0.0\n' },
  },
  { name: 'an unused replacement', main: `go 1.21\n\n${ROOTS}\n\nreplace example.com/x => example.com/c v1.0.0`, modules: CHAIN, without: ['c v1.0.0/go.mod'] },
  { name: 'a version required twice', main: 'go 1.21\n\nrequire example.com/a v1.0.0\n\nrequire example.com/a v1.0.0', modules: CHAIN, without: ['a v1.0.0/go.mod'] },
  { name: 'two versions required', main: 'go 1.21\n\nrequire example.com/b v1.0.0\n\nrequire example.com/b v1.1.0', modules: CHAIN, without: 'every line' },
  {
    name: 'a dependency that requires the main module',
    main: 'go 1.16\n\nrequire example.com/a v1.0.0',
    modules: { 'a@v1.0.0': 'go 1.16\n\nrequire example.com/m v0.9.0', 'm@v0.9.0': 'go 1.16\n\nrequire example.com/b v1.0.0', 'b@v1.0.0': 'go 1.16' },
    without: ['m v0.9.0/go.mod', 'b v1.0.0/go.mod'],
  },
  { name: 'a dependency that needs a newer go', main: 'go 1.21\n\nrequire example.com/a v1.0.0', modules: { 'a@v1.0.0': 'go 1.22.3\n\ntoolchain go1.23.1' }, without: 'every line' },
  { name: '-mod=mod', main: `go 1.21\n\n${ROOTS}`, modules: CHAIN, without: 'every line', goFlags: '-mod=mod' },
  { name: '-mod=readonly', main: `go 1.21\n\n${ROOTS}`, modules: CHAIN, without: 'every line', goFlags: '-mod=readonly' },
  {
    name: 'a vendor directory',
    main: 'go 1.21\n\nrequire example.com/a v1.0.0',
    modules: CHAIN,
    without: 'every line',
    files: { 'vendor/modules.txt': '# example.com/a v1.0.0\n## explicit; go 1.21\n' },
  },
  { name: 'a root below what another requires', main: 'go 1.21\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0\n)', modules: { ...CHAIN, 'a@v1.0.0': 'go 1.21\n\nrequire example.com/b v1.1.0' }, without: 'every line' },
  {
    name: 'a dependency whose go.mod the go command can not read',
    main: `go 1.21\n\n${LOW}`,
    modules: { ...OUTBID, 'a@v1.0.0': 'go 1.21\n\nrequire example.com/b v1.1.0\n\nrequire example.com/c' },
    without: [],
  },
  ...DECLARED_AND_SELECTED,
];

// `npm run bench`: measures, prints the table, writes it to docs/benchmarks.md, and ends with 1 when a bound is missed.
// `npm run bench -- --print` leaves docs/benchmarks.md as it is.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from './bundle.ts';
import { measureChecksums } from './checksums.ts';
import type { ChecksumTimes } from './checksums.ts';
import { measureKeystrokes } from './keystrokes.ts';
import { measureCheckingGrowth, measureHostileGrowth, measureParsingGrowth, measureParsingSpeed } from './parsing.ts';
import type { HostileGrowth } from './parsing.ts';
import { measureSelection } from './selection.ts';
import type { SelectionTimes } from './selection.ts';
import { measureVerification } from './verification.ts';
import type { Verification } from './verification.ts';

const ROOT = join(import.meta.dirname, '..');
const BUILD = join(ROOT, '.build', 'bench');
const PAGE = join(ROOT, 'docs', 'benchmarks.md');

/** One line of the table. */
interface Row {
  readonly what: string;
  readonly measured: string;
  readonly value: number | undefined;
  /** How the value is printed. */
  readonly digits: number;
  readonly unit: string;
  /** Undefined for what is printed to be seen. */
  readonly bound: { readonly is: 'at most' | 'at least'; readonly value: number } | undefined;
}

const rows = await measure();
const table = toTable(rows);
console.log(table);
if (!process.argv.includes('--print')) writePage(table);
const met = rows.filter((row) => isMet(row) === true);
const missed = rows.filter((row) => isMet(row) === false);
console.log(`${met.length} bounds met, ${missed.length} missed`);
process.exitCode = missed.length === 0 ? 0 : 1;

async function measure(): Promise<Row[]> {
  const { server, baseline } = await bundle();
  const found: Row[] = [];
  for (const network of ['off', 'cacheOnly'] as const) {
    const { edits, ours, baseline: least } = await measureKeystrokes({ server, baseline, network });
    const what = `keystroke to findings, network ${network}`;
    for (const [name, most] of [['p50', 4], ['p95', 10]] as const) {
      found.push({
        what: `${what}, ${name} of ${edits} edits`,
        measured: `${ours[name].toFixed(2)} ms beside ${least[name].toFixed(2)} ms`,
        value: ours[name] / least[name],
        digits: 2,
        unit: ' ×',
        bound: { is: 'at most', value: most },
      });
    }
  }
  const speeds = await measureParsingSpeed(BUILD);
  found.push({
    what: 'reading go.mod beside modfile.Parse',
    measured:
      speeds.modfile === undefined
        ? `${megabytes(speeds.ours)}; ${speeds.skipped!}`
        : `${megabytes(speeds.ours)} beside ${megabytes(speeds.modfile)}`,
    value: speeds.modfile === undefined ? undefined : speeds.ours / speeds.modfile,
    digits: 2,
    unit: ' ×',
    bound: { is: 'at least', value: 0.5 },
  });
  const growths = [
    ['reading go.mod', measureParsingGrowth()],
    ['reading and checking go.mod and go.sum', measureCheckingGrowth()],
  ] as const;
  for (const [what, { points, exponent }] of growths) {
    const [first, last] = [points[0]!, points.at(-1)!];
    found.push({
      what: `${what}, ${first.size} to ${last.size} requirements`,
      measured: `${first.time.toFixed(3)} ms to ${last.time.toFixed(1)} ms`,
      value: exponent,
      digits: 2,
      unit: ' (exponent)',
      bound: { is: 'at most', value: 1.1 },
    });
  }
  found.push(hostileRow(measureHostileGrowth(100_000, 1_000_000)));
  found.push(...checksumRows(await measureChecksums(BUILD)));
  found.push(...selectionRows(await measureSelection(server)));
  found.push(verificationRow('60 modules of 300 files', await measureVerification(server, { modules: 60, files: 300, runs: 3 }), { is: 'at most', value: 1 }));
  // Where there is next to nothing to verify, Node's start alone is longer than the go command's run.
  found.push(verificationRow('2 modules of 5 files', await measureVerification(server, { modules: 2, files: 5, runs: 9 }), undefined));
  return found;
}

function hostileRow({ kinds, worst, ratio, longest }: HostileGrowth): Row {
  return {
    what: `hostile text of 1 MB beside 100 kB, worst of ${kinds} kinds`,
    measured: `${worst}; the longest of any kind ${longest.toFixed(0)} ms`,
    value: ratio,
    digits: 1,
    unit: ' × (10 is linear)',
    bound: undefined,
  };
}

function verificationRow(what: string, { ours, go, node }: Verification, bound: Row['bound']): Row {
  const theirs = go === undefined ? 'without Go here' : `beside ${go.toFixed(0)} ms`;
  return {
    what: `verify of ${what} in the module cache beside go mod verify`,
    measured: `${ours.toFixed(0)} ms, ${node.toFixed(0)} ms of it Node's start, ${theirs}`,
    value: go && ours / go,
    digits: 2,
    unit: ' ×',
    bound,
  };
}

function selectionRows(times: SelectionTimes | string): Row[] {
  const row = (what: string, ours: 'buildList' | 'buildListProcess' | 'afterGoMod' | 'afterGoFile', beside: 'goList' | 'goTidy', most: number): Row => ({
    what,
    measured: typeof times === 'string' ? times : `${times[ours].toFixed(1)} ms beside ${times[beside].toFixed(0)} ms`,
    value: typeof times === 'string' ? undefined : times[ours] / times[beside],
    digits: 2,
    unit: ' ×',
    bound: { is: 'at most', value: most },
  });
  const modules = typeof times === 'string' ? 'many' : `${times.modules}`;
  return [
    row(`build list of ${modules} modules in the server after an edit beside go list -m all`, 'buildList', 'goList', 0.1),
    row('the same as a whole process beside go list -m all', 'buildListProcess', 'goList', 4),
    row('verdicts on go.sum, packages known, after an edit of go.mod beside go mod tidy -diff', 'afterGoMod', 'goTidy', 0.2),
    row('the same after an edit of a .go file beside go mod tidy -diff', 'afterGoFile', 'goTidy', 0.2),
  ];
}

function checksumRows({ lines, cold, again, warm, ours, go, skipped }: ChecksumTimes): Row[] {
  const what = `${lines} lines of go.sum verified by a checksum database`;
  const beside = (mine: string, theirs: string | undefined): string => `${mine}${theirs === undefined ? `; ${skipped!}` : ` beside ${theirs}`}`;
  return [
    {
      what: `${what} beside golang.org/x/mod/sumdb, requests`,
      measured: beside(`${cold}`, go && `${go.requests}`),
      value: go && cold / go.requests,
      digits: 2,
      unit: ' ×',
      bound: { is: 'at most', value: 1.05 },
    },
    {
      what: `${what} once more, requests`,
      measured: `${again} in the same process, ${warm} in a new one`,
      value: again + warm,
      digits: 0,
      unit: '',
      bound: { is: 'at most', value: 0 },
    },
    {
      what: `${what} beside golang.org/x/mod/sumdb, time in a process that runs`,
      measured: beside(`${ours.running.toFixed(0)} ms`, go && `${go.milliseconds.toFixed(0)} ms`),
      value: go && ours.running / go.milliseconds,
      digits: 2,
      unit: ' ×',
      bound: { is: 'at most', value: 1 },
    },
    // Undici alone, asking the same and verifying nothing, is at 1.1 × when it runs for the first time.
    {
      what: `${what} beside golang.org/x/mod/sumdb, time in a new process`,
      measured: beside(`${ours.started.toFixed(0)} ms`, go && `${go.milliseconds.toFixed(0)} ms`),
      value: go && ours.started / go.milliseconds,
      digits: 2,
      unit: ' ×',
      bound: undefined,
    },
  ];
}

/** Builds the server as it ships, and the baseline alike. */
async function bundle(): Promise<{ server: string; baseline: string }> {
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  const baseline = join(BUILD, 'baseline-server.cjs');
  await bundleProgram('baseline-server.ts', baseline);
  return { server: join(ROOT, 'dist', 'gomod-health.cjs'), baseline };
}

function megabytes(bytesPerSecond: number): string {
  return `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`;
}

/** Undefined for what could not be measured, or has no bound. */
function isMet({ value, bound }: Row): boolean | undefined {
  if (value === undefined || bound === undefined) return undefined;
  return bound.is === 'at most' ? value <= bound.value : value >= bound.value;
}

function toTable(all: readonly Row[]): string {
  const lines = all.map((row) => {
    const { what, measured, value, digits, unit, bound } = row;
    const shown = value === undefined ? 'not measured' : value.toFixed(digits) + unit;
    const verdict = { true: 'met', false: 'missed', undefined: '' }[String(isMet(row)) as 'true' | 'false' | 'undefined'];
    return `| ${what} | ${measured} | ${shown} | ${bound ? `${bound.is} ${bound.value}` : ''} | ${verdict} |`;
  });
  return ['| What | Measured | Result | Bound | |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}

/** Puts the table between the two marks of the page. */
function writePage(content: string): void {
  const page = readFileSync(PAGE, 'utf8');
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`;
  const marked = /(<!-- table -->\n)[^]*(<!-- end of table -->)/;
  if (!marked.test(page)) throw new Error(`${PAGE} has no place for the table`);
  mkdirSync(join(ROOT, 'docs'), { recursive: true });
  writeFileSync(PAGE, page.replace(marked, `$1\n${content}\n\nMeasured on ${machine}.\n\n$2`));
}

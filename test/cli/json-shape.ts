import assert from 'node:assert/strict';

/** A place in a report. */
export interface JsonPlace {
  readonly file: string;
  readonly range: JsonRange;
}

export interface JsonRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

export interface JsonModule {
  readonly path: string;
  readonly version: string;
}

/** `gomod-health check --format json`, as docs/json.md has it. */
export interface JsonReport {
  readonly schema: 1;
  readonly findings: readonly (JsonPlace & {
    readonly rule: string;
    readonly severity: 'error' | 'warning' | 'info' | 'hint';
    readonly message: string;
    readonly module?: JsonModule;
    readonly related: readonly (JsonPlace & { readonly message: string })[];
    readonly fixes: readonly {
      readonly title: string;
      readonly safety: 'safe' | 'unsafe';
      readonly edits: readonly (JsonPlace & { readonly newText: string })[];
    }[];
  })[];
  readonly unchecked: readonly (JsonPlace & { readonly module: JsonModule; readonly what: string; readonly why: string })[];
  readonly summary: Readonly<Record<'errors' | 'warnings' | 'infos' | 'hints' | 'modules' | 'requests' | 'milliseconds', number>>;
}

/** Parses a report and holds that it has exactly the documented form: every field, and no other. */
export function parseReport(text: string): JsonReport {
  const report: unknown = JSON.parse(text);
  REPORT(report, 'report');
  return report as JsonReport;
}

/** Holds that a value has a form; `at` names the value in the complaint. */
type Form = (value: unknown, at: string) => void;

const string: Form = (value, at) => assert.equal(typeof value, 'string', at);

const count: Form = (value, at) => assert.ok(Number.isInteger(value) && (value as number) >= 0, `${at} is ${String(value)}`);

function oneOf(...values: readonly unknown[]): Form {
  return (value, at) => assert.ok(values.includes(value), `${at} is ${String(value)}`);
}

function list(form: Form): Form {
  return (value, at) => {
    assert.ok(Array.isArray(value), `${at} is no list`);
    for (const [index, item] of value.entries()) form(item, `${at}[${index}]`);
  };
}

function object(fields: Readonly<Record<string, Form>>, optional: Readonly<Record<string, Form>> = {}): Form {
  return (value, at) => {
    assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), `${at} is no object`);
    const names = Object.keys(value);
    const missing = Object.keys(fields).filter((name) => !names.includes(name));
    const strange = names.filter((name) => !(name in fields) && !(name in optional));
    assert.deepEqual({ missing, strange }, { missing: [], strange: [] }, at);
    for (const name of names) (fields[name] ?? optional[name]!)((value as Record<string, unknown>)[name], `${at}.${name}`);
  };
}

const file: Form = (value, at) => {
  string(value, at);
  assert.doesNotMatch(value as string, /^\/|^[A-Za-z]:|\\/, `${at} is not relative with slashes`);
};

const position = object({ line: count, character: count });

const range: Form = (value, at) => {
  object({ start: position, end: position })(value, at);
  const { start, end } = value as JsonRange;
  assert.ok(start.line < end.line || (start.line === end.line && start.character <= end.character), `${at} ends before it begins`);
};

const module = object({ path: string, version: string });

const fix = object({
  title: string,
  safety: oneOf('safe', 'unsafe'),
  edits: list(object({ file, range, newText: string })),
});

const FINDING = object(
  {
    rule: string,
    severity: oneOf('error', 'warning', 'info', 'hint'),
    file,
    range,
    message: string,
    related: list(object({ file, range, message: string })),
    fixes: list(fix),
  },
  { module },
);

const REPORT = object({
  schema: oneOf(1),
  findings: list(FINDING),
  unchecked: list(object({ file, range, module, what: string, why: string })),
  summary: object({ errors: count, warnings: count, infos: count, hints: count, modules: count, requests: count, milliseconds: count }),
});

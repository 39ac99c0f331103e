import type { OriginCommit, OriginRepository } from './git-origin.ts';
import type { PublishedModule } from './module-proxy.ts';

/** One module that the example's service uses, with the tags that its authors pushed. */
interface ExampleModule {
  readonly name: string;
  readonly releases: readonly {
    /** The tag at the origin. */
    readonly tag: string;
    /** The version that the proxy has; undefined when Go ignores the tag. */
    readonly version: string | undefined;
    readonly path: string;
    readonly files: Readonly<Record<string, string>>;
  }[];
}

const CLOCK = 'github.com/acme/clock';
const LEDGER = 'github.com/acme/ledger';
const LOG = 'github.com/acme/log';
const MONEY = 'github.com/acme/money';
const QUEUE = 'github.com/acme/queue';

const MODULES: readonly ExampleModule[] = [
  {
    name: 'clock',
    releases: [release(CLOCK, 'v0.3.0', clockFiles('15:04')), release(CLOCK, 'v0.4.0', clockFiles('15:04:05'))],
  },
  {
    name: 'ledger',
    releases: [
      release(LEDGER, 'v1.2.9', ledgerFiles('v1.2.9')),
      release(LEDGER, 'v1.3.0', ledgerFiles('v1.3.0')),
    ],
  },
  // v1.9.0 was announced, but its tag was never pushed.
  {
    name: 'log',
    releases: ['v1.4.0', 'v1.4.2', 'v1.5.0'].map((version) =>
      release(LOG, version, {
        'log.go': `// Package log prints lines.\npackage log\n\nimport "fmt"\n\n// Version is the release.\nconst Version = "${version}"\n\n// Print prints one line.\nfunc Print(line string) { fmt.Println(line) }\n`,
      }),
    ),
  },
  // The tag of v1.2.0 was pushed without its v.
  {
    name: 'money',
    releases: [
      release(MONEY, 'v1.1.0', moneyFiles('v1.1.0')),
      { ...release(MONEY, 'v1.2.0', moneyFiles('v1.2.0')), tag: '1.2.0', version: undefined },
    ],
  },
  // From v2 on the module has the path github.com/acme/queue/v2. It requires the release of ledger that payments excludes.
  {
    name: 'queue',
    releases: [release(QUEUE, 'v1.6.0', queueFiles('v1.6.0')), release(`${QUEUE}/v2`, 'v2.1.0', queueFiles('v2.1.0'))],
  },
];

/** What the example's module proxy has. */
export function exampleModules(): PublishedModule[] {
  return MODULES.flatMap(({ releases }) =>
    releases.flatMap(({ path, version, files }) => (version === undefined ? [] : [{ path, version, files }])),
  );
}

/** The origins of the example's modules. */
export function exampleRepositories(): OriginRepository[] {
  return MODULES.map(({ name, releases }) => ({
    url: `https://github.com/acme/${name}`,
    commits: releases.map(({ tag, files }): OriginCommit => ({ files, tags: [tag] })),
  }));
}

function release(
  path: string,
  version: string,
  files: Readonly<Record<string, string>>,
): ExampleModule['releases'][number] {
  return { tag: version, version, path, files: { 'go.mod': `module ${path}\n\ngo 1.21\n`, ...files } };
}

function clockFiles(layout: string): Record<string, string> {
  return {
    'clock.go': `// Package clock tells the time.\npackage clock\n\nimport "time"\n\n// Now is the time of day.\nfunc Now() string { return time.Now().Format("${layout}") }\n`,
  };
}

function ledgerFiles(version: string): Record<string, string> {
  return {
    'ledger.go': `// Package ledger books amounts.\npackage ledger\n\nimport "fmt"\n\n// Version is the release.\nconst Version = "${version}"\n\n// Book books an amount of cents on an order.\nfunc Book(order string, cents int64) string { return fmt.Sprintf("%s: %d", order, cents) }\n`,
  };
}

function moneyFiles(version: string): Record<string, string> {
  return {
    'money.go': `// Package money counts cents.\npackage money\n\n// Version is the release.\nconst Version = "${version}"\n\n// Cents is an amount.\nfunc Cents(n int64) int64 { return n }\n`,
  };
}

function queueFiles(version: string): Record<string, string> {
  const path = version.startsWith('v2.') ? `${QUEUE}/v2` : QUEUE;
  return {
    'go.mod': `module ${path}\n\ngo 1.21\n\nrequire ${LEDGER} v1.2.9\n`,
    'queue.go': `// Package queue holds orders.\npackage queue\n\n// Version is the release.\nconst Version = "${version}"\n\n// Orders are those that wait.\nfunc Orders() []string { return []string{"order-1"} }\n`,
    'queuetest/queuetest.go': `// Package queuetest has orders to test with.\npackage queuetest\n\nimport "${LEDGER}"\n\n// OrderID is an order.\nconst OrderID = "order-1"\n\n// Booked is what a ledger says of the order.\nfunc Booked() string { return ledger.Book(OrderID, 100) }\n`,
  };
}

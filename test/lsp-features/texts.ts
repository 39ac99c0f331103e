/** A go.mod with every directive. */
export const MOD = `// Package of everything.
//
// Deprecated: use example.com/m/v2.
module example.com/m

go 1.26.0

toolchain go1.26.8

godebug default=go1.21

require (
\texample.com/a v1.0.0
\texample.com/b/v2 v2.0.0 // indirect
)

require "example.com/c" v1.0.0

exclude example.com/a v1.1.0

replace (
\texample.com/a => ../a
\texample.com/c v1.0.0 => example.com/d v1.2.0
)

retract [v1.0.0, v1.0.5] // broken
retract v1.1.0

tool example.com/b/v2/cmd/gen

ignore ./node_modules
`;

export const WORK = `go 1.26.0

use (
\t./a
\t../b
)

replace example.com/a => ./c
`;

const H1 = 'h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=';

export const SUM = `example.com/a v1.0.0 ${H1}
example.com/a v1.0.0/go.mod ${H1}
example.com/b/v2 v2.0.0/go.mod ${H1}
`;

/** A file on which the go command gives up, and of which the other lines are still understood. */
export const BROKEN = `module example.com/m

requires example.com/x v1.0.0

require (
\texample.com/a v1.0.0
\texample.com/b
\t""  v1
`;

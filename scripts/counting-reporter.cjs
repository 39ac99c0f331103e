// A mocha reporter: mocha's own `spec`, and one line of counts for scripts/test.mjs. CommonJS, because mocha's reporters
// are, in a terminal as in an editor's extension host.
/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS has nothing else. */
const { appendFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

/** Appends `{"passed","failed","skipped"}` to the file that GOMOD_HEALTH_TEST_COUNTS names. */
module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const file = process.env.GOMOD_HEALTH_TEST_COUNTS;
      const { passes: passed, failures: failed, pending: skipped } = this.stats;
      if (file !== undefined) appendFileSync(file, `${JSON.stringify({ passed, failed, skipped })}\n`);
    });
  }
};

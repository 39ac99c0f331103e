/** How long the process may live on after the last test, in milliseconds. */
const GRACE = 30_000;

/** A test that leaves something running would keep mocha alive for ever: this names it and ends as a failure. */
export const mochaHooks = {
  afterAll(): void {
    setTimeout(() => {
      console.error(`The tests are over, but these still run: ${process.getActiveResourcesInfo().join(', ')}`);
      // Mocha sets the status to its count of failures as the process exits; this is heard after it.
      process.once('exit', () => (process.exitCode = 1));
      process.exit();
    }, GRACE).unref();
  },
};

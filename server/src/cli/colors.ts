import { createColors } from 'picocolors';

export type Colors = ReturnType<typeof createColors>;

/** Colours on a terminal whose user has not set NO_COLOR; anywhere else none, a pipeline's log included. */
export function terminalColors(): Colors {
  // Left to itself, picocolors colours whenever CI is set.
  return createColors(process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined);
}

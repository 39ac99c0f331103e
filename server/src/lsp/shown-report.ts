/** The result of a command as a client shows it. */
export interface ShownReport {
  /** One line. */
  readonly summary: string;
  /** A plain text, whose tables are aligned. */
  readonly text: string;
}

/** How parts of a text are set off, where it is shown with colours. */
export interface Paint {
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
}

/** For views without colours. */
export const unpainted: Paint = { dim: (text) => text, red: (text) => text };

/** Why there is no report, in words for the user. */
export class CannotReport extends Error {}

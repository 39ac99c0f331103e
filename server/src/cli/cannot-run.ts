/** Nothing could be checked; the message is one sentence for the user. */
export class CannotRun extends Error {}

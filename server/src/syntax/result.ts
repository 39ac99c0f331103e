/** A value, or the reason why there is none, in the go command's own words. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

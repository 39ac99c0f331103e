/** How many answers are remembered, and for texts of which length at most; of longer ones only the last. */
const MOST = 32_768;
const LONGEST = 200;

/**
 * The same function, which answers at once what it was asked a short while ago: the same versions and paths come again on
 * many lines, in many rules, and with every keystroke. What comes out is the same with and without a memory.
 */
export function remembered<T>(derive: (text: string) => T): (text: string) => T {
  const answers = new Map<string, { readonly value: T }>();
  let lastLong: { readonly text: string; readonly value: T } | undefined;
  return (text) => {
    if (text.length > LONGEST) {
      if (lastLong?.text !== text) lastLong = { text, value: derive(text) };
      return lastLong.value;
    }
    const known = answers.get(text);
    if (known) return known.value;
    // A copy, since a part of a longer text would keep the whole of that in memory.
    const copy = ` ${text}`.slice(1);
    const value = derive(copy);
    if (answers.size === MOST) answers.clear();
    answers.set(copy, { value });
    return value;
  };
}

/**
 * The same string for the same text: what is looked up again and again is then compared at a glance, and a part of a file
 * does not keep the file's whole text in memory.
 */
export const interned: (text: string) => string = remembered((text) => text);

/** The same function of an object, which answers at once what it was asked before, as long as the object is there. */
export function rememberedOf<K extends object, T>(derive: (subject: K) => T): (subject: K) => T {
  const answers = new WeakMap<K, { readonly value: T }>();
  return (subject) => {
    const known = answers.get(subject);
    if (known) return known.value;
    const value = derive(subject);
    answers.set(subject, { value });
    return value;
  };
}

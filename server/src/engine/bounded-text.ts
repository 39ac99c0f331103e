/** The most that a message has, in UTF-16 code units; a name in a file may be of any length. */
const LONGEST = 2000;

/** How much stays of the beginning and of the end of a word that makes a message too long. */
const HEAD = 200;
const TAIL = 60;

/** A message that long words would bury, without the middle of those words; and then cut, if it is still too long. */
export function boundedText(text: string): string {
  if (text.length <= LONGEST) return text;
  const elided = text.replace(LONG_WORDS, (word) => `${whole(word.slice(0, HEAD))}…${whole(word.slice(-TAIL))}`);
  return elided.length <= LONGEST ? elided : `${whole(elided.slice(0, LONGEST))}…`;
}

const LONG_WORDS = /\S{400,}/g;

/** Without the half of a surrogate pair that was cut. */
function whole(part: string): string {
  return part.replace(/[\ud800-\udbff]$|^[\udc00-\udfff]/g, '');
}

/**
 * How many columns a text takes on a terminal: two for East Asian wide characters and pictures, none for marks that sit
 * on the character before. Terminals differ in details; this is what most of them do.
 */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) width += segmentWidth(segment);
  return width;
}

/** What a reader takes for one character. */
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

function segmentWidth(segment: string): number {
  if (WIDE.test(segment)) return 2;
  return /^[\p{Mn}\p{Me}\p{Cf}]*$/u.test(segment) ? 0 : 1;
}

/** East Asian Width W and F (Unicode Standard Annex 11), by scripts and blocks, and what is drawn as a picture. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}\ufe0f]/u;

/**
 * Text from files and servers as it may be shown: control characters and those that turn the reading direction, which a
 * terminal or an editor would obey, are spelled out. Tabs and line feeds stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (found) =>
    found === '\t' || found === '\n' ? found : `\\u{${found.codePointAt(0)!.toString(16)}}`,
  );
}

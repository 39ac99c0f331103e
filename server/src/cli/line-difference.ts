/** The lines that go (`-`) and those that come (`+`) from one text to another, in their order; lines that stay are left out. */
export function lineDifference(before: string, after: string): string[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  const known = new Set(old);
  const difference: string[] = [];
  let index = 0;
  for (const line of old) {
    while (index < now.length && now[index] !== line && !known.has(now[index]!)) difference.push(`+${now[index++]}`);
    if (now[index] === line) index++;
    else difference.push(`-${line}`);
  }
  difference.push(...now.slice(index).map((line) => `+${line}`));
  return difference;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.replace(/\r$/, ''));
}

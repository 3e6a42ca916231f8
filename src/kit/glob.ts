/**
 * A case-sensitive pattern where `*` stands for any text, also none, and everything else for itself. Takes time in
 * proportion to the text, whatever the pattern.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found === -1 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** Whether any of the patterns fits. */
export function compileGlobs(patterns: readonly string[]): (text: string) => boolean {
  const globs = patterns.map(compileGlob);
  return (text) => globs.some((fits) => fits(text));
}

/** Whether the builder is given a file of the checkout, by the rules of a .dockerignore: the last line that fits counts. */
export function isInContext(dockerignore: string, path: string): boolean {
  let included = true;
  for (const line of dockerignore.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = toRegExp(line.replace(/^!/, ''));
    if (pattern.test(path)) included = line.startsWith('!');
  }
  return included;
}

/** A line for a folder is one for all that is in it; a star stands for a leading dot too. */
function toRegExp(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    return part === '*' ? '[^/]*' : RegExp.escape(part);
  });
  return new RegExp(`^${parts.join('')}(?:/|$)`);
}

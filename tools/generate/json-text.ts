const lineWidth = 120;

/** JSON as the formatter of the repository leaves it: objects open, arrays in one line where they fit. */
export function jsonText(value: object): string {
  return `${write(value, '', 0)}\n`;
}

/** `used`: columns that already stand in the line. */
function write(value: unknown, indent: string, used: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    const isFlat = value.every((item) => typeof item !== 'object');
    if (isFlat && used + line.length < lineWidth) return line;
    return `[\n${value.map((item) => `${inner}${write(item, inner, inner.length)}`).join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return '{}';
  const lines = members.map(([key, member]) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    return `${start}${write(member, inner, start.length)}`;
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

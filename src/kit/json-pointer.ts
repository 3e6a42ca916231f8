/**
 * The steps of a JSON Pointer (RFC 6901): `/data/a~1b` gives `['data', 'a/b']`. Undefined when a `~` is followed by
 * neither 0 nor 1.
 */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (/~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What is there; undefined when nothing is. */
export function follow(value: unknown, steps: readonly string[]): unknown {
  let at = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
}

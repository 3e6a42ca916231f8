import type { z } from 'zod';
import { expectation } from './expectation.ts';
import { explain } from './explain.ts';
import { type ConfigNode, type Path, toValue } from './node.ts';
import type { Refuse } from './problem.ts';

/** Judges one node of the file, which stands at `path`. Gives what the schema made of it, or undefined when it is refused. */
export function validate<T>(schema: z.ZodType<T>, node: ConfigNode, path: Path, refuse: Refuse): T | undefined {
  // A finished issue no longer knows its schema, so the keys of a mapping are noted when the issue is raised.
  const known = new Map<unknown, Set<string>>();
  const result = schema.safeParse(toValue(node), {
    reportInput: true,
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') noteKeys(issue, known);
      return expectation(issue);
    },
  });
  if (result.success) return result.data;
  const places = new Set<string>();
  for (const issue of result.error.issues) {
    // One word about a value is enough; a second one usually follows from the first.
    const place = JSON.stringify(issue.path);
    if (issue.code !== 'unrecognized_keys' && places.has(place)) continue;
    if (issue.code !== 'unrecognized_keys') places.add(place);
    for (const problem of explain(issue, { node, path, knownKeys: (mapping) => known.get(mapping) ?? [] })) {
      refuse(problem);
    }
  }
  return undefined;
}

function noteKeys(issue: z.core.$ZodRawIssue, known: Map<unknown, Set<string>>): void {
  const def = issue.inst?._zod.def as { readonly shape?: Readonly<Record<string, unknown>> } | undefined;
  const keys = known.get(issue.input) ?? new Set();
  for (const key of Object.keys(def?.shape ?? {})) keys.add(key);
  known.set(issue.input, keys);
}

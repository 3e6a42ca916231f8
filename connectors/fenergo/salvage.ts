import { isUsableBatchId } from './batch.ts';

/** A member batchId whose value has certainly come to its end. */
const batchId = /"batchId"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*(?=\s*[,}\]]))/gs;

function toId(json: string): string | undefined {
  if (!json.startsWith('"')) return json;
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}

/** How many more objects and arrays open than close, as far as a text that is not JSON lets one tell. */
function opened(text: string): number {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
  }
  return depth;
}

/**
 * The batch's id in a body that does not parse: the first one that stands at the top level, else the only one that is
 * not inside of something. Undefined when that leaves a doubt: to complete a wrong batch would lose it, and would keep
 * the operator from naming the right one.
 */
export function salvageBatchId(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  const ids = new Set<string>();
  let depth = 0;
  let from = 0;
  for (const match of text.matchAll(batchId)) {
    depth += opened(text.slice(from, match.index));
    from = match.index;
    const id = toId(match[1] ?? '');
    if (!isUsableBatchId(id)) continue;
    if (depth === 1) return id;
    if (depth < 1) ids.add(id);
  }
  return ids.size === 1 ? [...ids][0] : undefined;
}

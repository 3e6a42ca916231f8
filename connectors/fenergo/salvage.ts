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

/** How many objects and arrays are open at `end`, as far as a text that is not JSON lets one tell. */
function depthAt(text: string, end: number): number {
  const tokens = text.slice(0, end).match(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs) ?? [];
  return tokens.reduce((depth, token) => {
    if (token === '{' || token === '[') return depth + 1;
    return token === '}' || token === ']' ? depth - 1 : depth;
  }, 0);
}

/**
 * The batch's id in a body that does not parse: the first one that stands at the top level, else the only one there
 * is. Undefined when that leaves a doubt: to complete a wrong batch would lose it.
 */
export function salvageBatchId(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  const found = [...text.matchAll(batchId)]
    .map((match) => ({ id: toId(match[1] ?? ''), at: match.index }))
    .filter(({ id }) => isUsableBatchId(id));
  const top = found.find(({ at }) => depthAt(text, at) === 1);
  if (top) return top.id;
  const ids = new Set(found.map(({ id }) => id));
  return ids.size === 1 ? found[0]?.id : undefined;
}

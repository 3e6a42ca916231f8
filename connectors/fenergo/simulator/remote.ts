import type { FenergoFeed } from '../feeds.ts';
import type { SimulatorControl } from './control.ts';
import { controlRoot } from './control-api.ts';

type Remote<Api> = {
  [Method in keyof Api]: Api[Method] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/** A simulator in another process. Methods reject with an Error when it is not there or refuses. */
export type RemoteSimulator = Remote<SimulatorControl>;

/** `baseUrl`: the one that the simulator said when it started. */
export function remoteSimulator(baseUrl: string): RemoteSimulator {
  async function call(
    method: string,
    name: string,
    query: Record<string, string | undefined>,
    body?: string | Uint8Array<ArrayBuffer>,
  ) {
    const url = new URL(controlRoot + name, baseUrl);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);
    const response = await fetch(url, { method, ...(body !== undefined && { body }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
  const read = (name: string, feed: FenergoFeed | undefined) => call('GET', name, { feed });
  return {
    fill: (command) => call('POST', 'fill', {}, JSON.stringify(command)),
    enqueue: (feed, body, batchId) => call('POST', 'enqueue', { feed, batchId }, Buffer.from(body)),
    addFault: (fault) => call('POST', 'faults', {}, JSON.stringify(fault)),
    clearFaults: (feed) => call('DELETE', 'faults', { feed }),
    ledger: (feed) => read('ledger', feed),
    requests: (feed) => read('requests', feed),
    stats: () => read('stats', undefined),
    drained: async (timeoutMs) => (await call('GET', 'drained', { timeoutMs: String(timeoutMs) })).drained,
  };
}

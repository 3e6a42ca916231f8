import { startBridge } from '../support/bridge.ts';
import type { MeasuredChild } from '../support/child.ts';

/** Starts the bridge with the six feeds as pipeline `fenergo`. `broker` and `to` as in a configuration. */
export function startPollingBridge(
  { baseUrl, dir, broker, to }: { baseUrl: string; dir: string; broker: object; to: object },
  nodeOptions: readonly string[] = [],
): Promise<MeasuredChild> {
  const from = { connector: 'fenergo', baseUrl, feeds: 'all' };
  return startBridge(dir, { broker, pipeline: { name: 'fenergo', from, to } }, nodeOptions);
}

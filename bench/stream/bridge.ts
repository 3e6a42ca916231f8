import { startBridge } from '../support/bridge.ts';
import type { MeasuredChild } from '../support/child.ts';

/** Starts the bridge with one stream as pipeline `bench`. `broker` and `to` as in a configuration. */
export function startStreamingBridge(
  { baseUrl, dir, broker, to }: { baseUrl: string; dir: string; broker: object; to: object },
  nodeOptions: readonly string[] = [],
): Promise<MeasuredChild> {
  const event = { id: '/id', type: '"com.example.measured"', partitionkey: '/body/key' };
  const from = { connector: 'sse', account: 'bench', baseUrl, event };
  return startBridge(dir, { broker, pipeline: { name: 'bench', from, to } }, nodeOptions);
}

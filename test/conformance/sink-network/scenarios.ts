import type { FaultProxy } from '../../support/fault-proxy/fault-proxy.ts';
import type { Stream } from './stream.ts';

/** What a network does while feeds publish. */
export interface Scenario {
  readonly name: string;
  /** Begins with a healthy network; resolves when the fault has had its effect, and it is time to heal. */
  play(proxy: FaultProxy, stream: Stream): Promise<void>;
}

const times = 4;
/** Batches of each feed that prove that publishing goes on. */
const some = 5;

/** One that is over at once, some times in a row, with publishing in between. */
function again(act: (proxy: FaultProxy) => void): Scenario['play'] {
  return async (proxy, stream) => {
    for (let time = 1; time < times; time++) {
      act(proxy);
      await stream.flows(some);
    }
    act(proxy);
  };
}

/** One that lets nothing be confirmed, for at least so many attempts. */
function until(attempt: number, act: (proxy: FaultProxy) => void): Scenario['play'] {
  return async (proxy, stream) => {
    act(proxy);
    await stream.fails(attempt);
  };
}

/** One that publishing has to bear, and goes on under. */
function under(act: (proxy: FaultProxy) => void): Scenario['play'] {
  return async (proxy, stream) => {
    act(proxy);
    await stream.flows(some);
  };
}

export const scenarios: readonly Scenario[] = [
  { name: 'connections that are closed, again and again', play: again((proxy) => proxy.cut()) },
  { name: 'connections that are broken off, again and again', play: again((proxy) => proxy.reset()) },
  { name: 'a black hole', play: until(2, (proxy) => proxy.blackhole()) },
  {
    name: 'a black hole that nothing comes out of again',
    async play(proxy, stream) {
      proxy.blackhole();
      await stream.fails(2);
      proxy.reset();
    },
  },
  { name: 'answers that are held back', play: until(2, (proxy) => proxy.halfBlackhole()) },
  { name: 'a network too slow for its deadline', play: until(2, (proxy) => proxy.throttle(1_000)) },
  { name: 'a slow network', play: under((proxy) => proxy.throttle(100_000)) },
  { name: 'bytes that come in threes', play: under((proxy) => proxy.slice(3)) },
  {
    name: 'connections that are refused',
    play: until(3, (proxy) => {
      proxy.refuse();
      proxy.reset();
    }),
  },
];

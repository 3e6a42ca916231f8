import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import type { FaultProxy } from '../../support/fault-proxy/fault-proxy.ts';
import { seed } from '../scale.ts';
import type { Fault } from './shaken.ts';

/** While requests go through and answers do not: each one that is given up, and one more when all is well again. */
const timesWritten = 3;
const roll = dice(seed + 2_000);

const scenarios: Readonly<Record<string, (network: FaultProxy) => void>> = {
  'connections closed': (network) => {
    network.refuse();
    network.cut();
  },
  'connections broken off': (network) => {
    network.refuse();
    network.reset();
  },
  'nothing passes': (network) => network.blackhole(),
  'answers withheld': (network) => network.halfBlackhole(),
  'slow and in slices': (network) => {
    network.slice(100);
    network.throttle(20_000);
  },
};

/** All there are, in an order of their own. */
export function networkFaults(
  network: FaultProxy,
  lastsMs: number,
): readonly { readonly name: string; readonly fault: Fault }[] {
  const drawn = Object.entries(scenarios).map(([name, begin]) => ({ name, begin, rank: roll() }));
  return drawn
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ name, begin }) => ({
      name,
      fault: { begin: () => begin(network), end: () => network.heal(), lastsMs, times: timesWritten },
    }));
}

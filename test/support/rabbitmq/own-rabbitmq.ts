import { startInOneWay } from '../ways-to-start.ts';
import { startContainerRabbitmq } from './container-broker.ts';
import { type OwnRabbitmq, startOwnRabbitmq } from './native-broker.ts';

/** A broker to be killed and frozen: as TEST_BROKERS says, else Debian's. `settings`: lines of rabbitmq.conf. */
export function startRabbitmqAsAsked(settings: readonly string[] = []): Promise<OwnRabbitmq> {
  const ways = { container: () => startContainerRabbitmq(settings), native: () => startOwnRabbitmq(settings) };
  return startInOneWay(ways, 'native');
}

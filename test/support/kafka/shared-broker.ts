import { startInOneWay } from '../ways-to-start.ts';
import { startContainerKafka } from './container-broker.ts';
import { startOwnKafka } from './native-broker.ts';
import type { StartedKafka } from './started-kafka.ts';

/** What can be said of the broker of a test run. It travels as JSON. */
export type Found =
  | { readonly available: true; readonly bootstrap: string }
  | { readonly available: false; readonly reason: string };

/** One broker, started when first asked for: as TEST_BROKERS says, else in a container where an engine answers, else natively. */
export function createSharedBroker() {
  let starting: Promise<StartedKafka> | undefined;

  return {
    async find(): Promise<Found> {
      starting ??= startInOneWay({ container: startContainerKafka, native: () => startOwnKafka() }, 'container');
      try {
        const { bootstrap } = await starting;
        return { available: true, bootstrap };
      } catch (error) {
        return { available: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async stop(): Promise<void> {
      const started = await starting?.catch(() => undefined);
      await started?.stop();
    },
  };
}

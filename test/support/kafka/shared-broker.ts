import { startContainerKafka } from './container-broker.ts';
import { startOwnKafka } from './native-broker.ts';
import type { StartedKafka } from './started-kafka.ts';

/** What can be said of the broker of a test run. It travels as JSON. */
export type Found =
  | { readonly available: true; readonly bootstrap: string }
  | { readonly available: false; readonly reason: string };

/** One broker, started when first asked for: in a container where an engine answers, else natively. */
export function createSharedBroker() {
  let starting: Promise<StartedKafka> | undefined;

  function start(): Promise<StartedKafka> {
    return startContainerKafka().catch((noContainer: unknown) =>
      startOwnKafka().catch((noNative: unknown) => {
        throw new Error(`in a container: ${firstLine(noContainer)}; from Maven's jars: ${firstLine(noNative)}`);
      }),
    );
  }

  return {
    async find(): Promise<Found> {
      starting ??= start();
      try {
        const { bootstrap } = await starting;
        return { available: true, bootstrap };
      } catch (error) {
        return { available: false, reason: firstLine(error) };
      }
    },
    async stop(): Promise<void> {
      const started = await starting?.catch(() => undefined);
      await started?.stop();
    },
  };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? message;
}

import { expect, test } from 'vitest';
import type { FenergoFeed } from '../../connectors/fenergo/feeds.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { trappedKafkaSuite } from '../support/kafka/acquire.ts';
import { apis, type SeenRequest } from '../support/kafka/request-trap.ts';
import type { TrappedKafka } from '../support/kafka/trapped-broker.ts';
import type { Drain } from './drain.ts';
import { openExactlyOnceDrain } from './exactly-once-drain.ts';
import { full } from './scale.ts';

const kills = full ? 6 : 3;
const eventsPerFeed = 200;
const timeout = 240_000;
const feed: FenergoFeed = 'screening';
/** Never answered: by then the bridge is dead. */
const never = new Promise<undefined>(() => {});

/** Sets a trap that kills when the bridge is at a certain point for the `nth` time. */
type Arm = (broker: TrappedKafka, drain: Drain, kill: () => void, nth: number) => void;

function isOurs({ api, bytes }: SeenRequest, wanted: number): boolean {
  return api === wanted && bytes.includes(api === apis.produce ? `.${feed}` : `/${feed}`);
}

const points: Readonly<Record<string, Arm>> = {
  'others are fenced, and the mark is not read': ({ trap }, _drain, kill) => {
    trap.trap = {
      answer(to) {
        if (!isOurs(to, apis.initProducerId)) return undefined;
        kill();
        return 'hold';
      },
    };
  },
  'events are on their way': ({ trap }, _drain, kill, nth) => {
    let count = 0;
    trap.trap = {
      request(seen) {
        if (isOurs(seen, apis.produce) && ++count === nth) kill();
        return undefined;
      },
    };
  },
  'events are written, and the commit is not sent': ({ trap }, _drain, kill, nth) => {
    let count = 0;
    trap.trap = {
      request(seen) {
        // The first one is that of the writer's own word.
        if (!isOurs(seen, apis.endTxn) || ++count <= nth) return undefined;
        kill();
        return 'hold';
      },
    };
  },
  'the commit is on its way': ({ trap }, _drain, kill, nth) => {
    let count = 0;
    trap.trap = {
      request(seen) {
        if (isOurs(seen, apis.endTxn) && ++count > nth) kill();
        return undefined;
      },
    };
  },
  'the broker has committed, and its answer is lost': ({ trap }, _drain, kill, nth) => {
    let count = 0;
    trap.trap = {
      answer(to) {
        if (!isOurs(to, apis.endTxn) || ++count <= nth) return undefined;
        kill();
        return 'hold';
      },
    };
  },
  'the broker has committed, and upstream has not completed': (_broker, { upstream }, kill, nth) => {
    let count = 0;
    upstream.trap = {
      async arrived(call) {
        if (call.feed !== feed || call.call !== 'complete' || ++count !== nth) return undefined;
        kill();
        return 'drop';
      },
    };
  },
  'upstream has completed, and its answer is lost': (_broker, { upstream }, kill, nth) => {
    let count = 0;
    upstream.trap = {
      async worked(call) {
        if (call.feed !== feed || call.call !== 'complete' || ++count !== nth) return;
        kill();
        await never;
      },
    };
  },
};

const suite = await trappedKafkaSuite();

suite('an exactly-once bridge to Kafka', (broker) => {
  test.each(Object.keys(points))(
    `killed ${kills} times when %s, publishes each event once`,
    { timeout },
    async (point) => {
      await using drain = await openExactlyOnceDrain(broker.bootstrap, eventsPerFeed, {
        bridgeBootstrap: broker.trap.address,
      });
      for (let time = 0; time < kills; time += 1) {
        const killed = Promise.withResolvers<void>();
        let death: Promise<void> | undefined;
        await using bridge = startBridge(drain.home.configFile);
        const kill = () => {
          death ??= bridge.kill9();
          killed.resolve();
        };
        points[point]?.(broker, drain, kill, 1 + (time % 3));
        await bridge.whileRunning(killed.promise);
        await death;
        drain.upstream.trap = {};
        broker.trap.trap = {};
      }
      const [verdict] = await drain.finish(`kafka exactly-once, ${kills} kills when ${point}`);
      expect(verdict?.doubled).toEqual([]);
    },
  );
});

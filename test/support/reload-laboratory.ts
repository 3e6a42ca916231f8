import { expect } from 'vitest';
import type { FenergoFeed } from '../../connectors/fenergo/feeds.ts';
import { type Simulator, startFenergoSimulator } from '../../connectors/fenergo/simulator/simulator.ts';
import { handedOut } from './daemon.ts';
import type { Written } from './reloadable-bridge.ts';
import { createWorkplace, type Workplace } from './workplace.ts';

/** An upstream, a folder, and what a configuration file may say of them. */
export interface ReloadLaboratory extends AsyncDisposable {
  readonly workplace: Workplace;
  readonly simulator: Simulator;
  /** `every`: how often upstream is asked, by default every 20 ms. `to`: more settings of the destination. */
  readonly pipeline: (feeds: readonly FenergoFeed[], every?: string, to?: Written) => Written;
  /** `fenergo` with the feed `journey`, which a test changes, and `neighbour` with `document`. */
  readonly both: (every?: string) => Written;
  /** Expects of published ids that they are all of a feed's events, each once, in order. */
  readonly expectAllOnce: (feed: FenergoFeed, ids: readonly string[], events: number) => void;
}

export async function openReloadLaboratory(): Promise<ReloadLaboratory> {
  const workplace = await createWorkplace();
  const simulator = await startFenergoSimulator();
  const pipeline: ReloadLaboratory['pipeline'] = (feeds, every = '20ms', to = {}) => {
    const from = { connector: 'fenergo', baseUrl: simulator.baseUrl, feeds, schedule: { every } };
    return { from, to: { broker: 'local', ...to } };
  };
  return {
    workplace,
    simulator,
    pipeline,
    both: (every) => ({ fenergo: pipeline(['journey'], every), neighbour: pipeline(['document']) }),
    expectAllOnce(feed, ids, events) {
      expect(ids).toHaveLength(events);
      expect(ids).toEqual(handedOut(simulator.ledger(feed)));
    },
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      await workplace[Symbol.asyncDispose]();
    },
  };
}

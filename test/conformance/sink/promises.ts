import { checkPromises } from './check.ts';
import { deliveryPromises } from './delivery.ts';
import { faultPromises } from './faults.ts';
import type { SinkFixture } from './harness.ts';

/** What can be asked of a fixture, beyond a sink and a reader. */
export type SinkCapability = 'outage' | 'crash' | 'oversize' | 'missing' | 'ordered';

/** One promise that every sink keeps. `run` rejects when it is broken. */
export interface SinkPromise {
  readonly name: string;
  readonly needs: readonly SinkCapability[];
  run(fixture: SinkFixture): Promise<void>;
}

export const sinkPromises: readonly SinkPromise[] = [...deliveryPromises, ...faultPromises, ...checkPromises];

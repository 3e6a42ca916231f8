import type { FaultProxy } from '../../support/fault-proxy/fault-proxy.ts';
import type { Faults } from '../../support/kafka/kafka-node.ts';
import type { Ground } from '../ground.ts';
import type { Cell } from './cells.ts';

/** Where a line runs to, and what can be done to it there. */
export interface Site {
  readonly ground: Ground;
  /** Absent: there is none that could be killed, or frozen. */
  readonly killable?: Pick<Faults, 'kill9' | 'restart'>;
  readonly freezable?: Pick<Faults, 'freeze' | 'thaw'>;
  /** Of a cell whose fault is that of a network: between the bridge and the broker. */
  readonly network?: FaultProxy;
}

/** `resources`: gone when the cell is over. */
export type OpenSite = (cell: Cell, resources: AsyncDisposableStack) => Promise<Site>;

/** Shorter than a fault of the network. */
export const confirmTimeout = '2s';

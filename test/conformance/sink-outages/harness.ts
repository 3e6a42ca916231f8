import type { ErrorCode } from '../../../src/core/errors.ts';
import type { Unsupported } from '../sink/harness.ts';
import type { Poison } from '../sink-network/stream.ts';
import type { StreamSubject } from '../sink-network/subject.ts';
import type { OutageScenario } from './scenarios.ts';

/** Something that is begun and mended. */
export interface Outage {
  readonly kind: 'outage';
  /** What feeds are told meanwhile: its disposition says whether they halt. `nothing`: they flow under it. */
  readonly told: ErrorCode | 'nothing';
  /** Resolves when it has begun. */
  begin(): Promise<void>;
  /** Resolves when the broker could work as before. Called even where `begin` has failed. */
  heal(): Promise<void>;
  /** It destroys what is stored: it begins between batches, so that `begin` can read all of it before. Default: false. */
  readonly destroys?: boolean;
}

/** An event that the broker refuses, among good ones. */
export interface PoisonNeighbour extends Poison {
  readonly kind: 'poison';
}

export type Fault = Outage | PoisonNeighbour;

/** Everything that it connects to the broker is closed with the sink. */
export interface OutageSubject extends StreamSubject {
  /** How many connections of the sink there are right now, as the other side sees it. */
  connections(): number;
}

/** `Place`: a subject, with whatever its faults need. */
export interface OutageHarness<Place extends OutageSubject> {
  /** The sink, its client and its broker, as in `kafka (kafkajs)`. */
  readonly name: string;
  open(): Promise<Place>;
  /** How each scenario comes about, or why it does not. */
  readonly faults: Readonly<Record<OutageScenario, Unsupported | ((place: Place) => Fault)>>;
}

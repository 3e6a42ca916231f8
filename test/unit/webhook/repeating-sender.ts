import { setTimeout as delay } from 'node:timers/promises';
import type { Intake } from '../../../src/core/hook.ts';
import type { RawRecord } from '../../../src/core/record.ts';
import type { SourceUnderTest } from '../../conformance/source.ts';

/** Sends one request after the other, each again and again until it is told that all of it is safe. */
export interface RepeatingSender extends Pick<SourceUnderTest, 'offer' | 'acknowledged'>, AsyncDisposable {
  /** So many of its next requests get lost on their way. */
  lose(requests: number): void;
}

const answerWithinMs = 500;
const pauseMs = 2;

function record(body: string): RawRecord {
  return { bytes: Buffer.from(body), mediaType: 'text/plain', headers: {}, receivedAt: new Date() };
}

export function createRepeatingSender(intake: Intake): RepeatingSender {
  const told: string[] = [];
  let lost = 0;
  let ended = false;
  let sending = Promise.resolve();

  async function isSafe(bodies: readonly string[]): Promise<boolean> {
    if (lost > 0) {
      lost--;
      return false;
    }
    const { status } = await intake.accept(bodies.map(record), Date.now() + answerWithinMs);
    return status === 'safe';
  }

  async function send(bodies: readonly string[]): Promise<void> {
    while (!ended) {
      if (await isSafe(bodies)) {
        told.push(...bodies);
        return;
      }
      await delay(pauseMs);
    }
  }

  return {
    offer(bodies) {
      sending = sending.then(() => send(bodies));
    },
    acknowledged: () => told,
    lose(requests) {
      lost = requests;
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      await sending;
    },
  };
}

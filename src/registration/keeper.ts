import { toBridgeError } from '../core/errors.ts';
import { type BackoffPolicy, politeBackoffMs, upstreamBackoff, wait } from '../pipeline/backoff.ts';
import type { Report } from '../telemetry/events.ts';
import { createRegistrar, type Registered, type RegistrarOptions } from './registrar.ts';

export interface KeeperOptions extends Omit<RegistrarOptions, 'signal'> {
  readonly report: Report;
  /** Between tries that failed. Default: as for every upstream. */
  readonly backoff?: BackoffPolicy;
}

/** Keeps a registration alive while the bridge runs. Closing it leaves the registration as it is. */
export interface Keeper extends AsyncDisposable {
  /** At once, also after it was withdrawn. Rejects with a BridgeError. */
  register(): Promise<Registered>;
  unregister(): Promise<Registered>;
}

/** Begins at once, and never fails: what goes wrong is told, and tried again. */
export function startKeeper({ report, backoff = upstreamBackoff, ...options }: KeeperOptions): Keeper {
  const { feed, registration } = options;
  const ending = new AbortController();
  const registrar = createRegistrar({ ...options, signal: ending.signal });
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: two that look at the same moment would make it twice. */
  function inTurn(act: () => Promise<Registered>): Promise<Registered> {
    const turn = last.then(async () => {
      const registered = await act();
      if (registered.change !== 'kept') report({ event: 'registration.changed', feed, ...registered });
      return registered;
    });
    last = turn.catch(() => {});
    return turn;
  }

  async function keepOn(): Promise<void> {
    let failures = 0;
    let withdrawn = false;
    while (!ending.signal.aborted) {
      let delayMs = registration.everyMs;
      try {
        // Said once, and not every quarter of an hour.
        if (!withdrawn || (await options.store.get(feed))?.status === 'registered') {
          withdrawn = (await inTurn(() => registrar.ensure())).change === 'withdrawn';
        }
        if (failures > 0) report({ event: 'registration.works', feed });
        failures = 0;
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (ending.signal.aborted) return;
        failures += 1;
        if (error.disposition === 'retryable') delayMs = politeBackoffMs(backoff, failures, error.retryAfterMs);
        report({ event: 'attempt.failed', subject: feed, activity: 'register', error, attempt: failures, delayMs });
      }
      await wait(delayMs, ending.signal).catch(() => {});
    }
  }

  const ended = keepOn();
  return {
    register: () => inTurn(() => registrar.ensure({ again: true })),
    unregister: () => inTurn(() => registrar.withdraw()),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await ended;
      await last;
    },
  };
}

import { describe } from 'vitest';

/** Why there is no broker. */
export interface Unavailable {
  readonly reason: string;
}

/** For a broker that could not be had: with CI=true that is a failure, elsewhere its suites are skipped. */
export function giveUpInCi(error: unknown): Unavailable {
  if (process.env['CI'] === 'true') throw error;
  const reason = error instanceof Error ? error.message : String(error);
  console.warn(`skipped: ${reason}`);
  return { reason };
}

/**
 * The same for a broker that is killed or frozen. `given`: the variable with the address of one that is not: where it is
 * set, the reason says that it is no help.
 */
export function giveUpOwnInCi(given: string): (error: unknown) => Unavailable {
  return (error) => {
    if (!process.env[given]) return giveUpInCi(error);
    const reason = error instanceof Error ? error.message : String(error);
    return giveUpInCi(new Error(`the one at ${given} is not ours to stop, and there is no other: ${reason}`));
  };
}

/** What declares a suite with the broker; without one the suite is reported as skipped, with the reason in its title. */
export function suiteOn<Broker extends object>(broker: Broker | Unavailable) {
  return (title: string, body: (broker: Broker) => void): void => {
    if ('reason' in broker) describe.skip(`${title} [skipped: ${broker.reason}]`, () => body({} as Broker));
    else describe(title, () => body(broker));
  };
}

import { BridgeError, type ErrorCode } from '../../src/core/errors.ts';
import type { AnySinkType } from '../../src/core/sink-type.ts';
import { logSinkType } from '../../src/sinks/log/index.ts';

export interface RefusingOptions {
  /** Whether the broker is down right now; default: always. */
  readonly isDown?: () => boolean;
  /** Refuses only what goes to such a destination; default: everything. */
  readonly destination?: (name: string) => boolean;
  readonly code?: ErrorCode;
  /** Told of each refused call. */
  readonly onRefused?: () => void;
}

/** The log, as long as it is not told to refuse. */
export function refusingSinkType(options: RefusingOptions = {}): AnySinkType {
  const { isDown = () => true, destination = () => true, code = 'BROKER_UNAVAILABLE', onRefused = () => {} } = options;
  return {
    ...logSinkType,
    async open(...settings) {
      const sink = await logSinkType.open(...settings);
      return {
        ...sink,
        async publish(items, signal) {
          const accepted = items.filter((item) => !(isDown() && destination(item.destination)));
          if (accepted.length < items.length) onRefused();
          const written = accepted.length === 0 ? [] : await sink.publish(accepted, signal);
          return items.map((item) => {
            const error = new BridgeError(code, `${item.destination}: ${code}`);
            return written[accepted.indexOf(item)] ?? { status: 'failed', error };
          });
        },
      };
    },
  };
}

import type { TelemetryEvent } from './events.ts';
import type { LogLine } from './log-line.ts';

type Changed = Extract<TelemetryEvent, { event: 'registration.changed' }>;

/** What the log says of a registration. */
export function registrationLine({ feed, change, id }: Changed): LogLine {
  const name = id === '' ? '' : ` as ${id}`;
  switch (change) {
    case 'created':
      return { level: 'info', message: `${feed}  registered${name}` };
    case 'found':
      return { level: 'info', message: `${feed}  was registered already${name}` };
    case 'updated':
    case 'renewed':
      return { level: 'info', message: `${feed}  registration ${change}${name}` };
    case 'lost':
      return {
        level: 'warn',
        message: `${feed}  the registration was gone; registered again${name}. What was to be sent meanwhile may be missing: ask the upstream.`,
      };
    case 'kept':
      return { level: 'trace', message: `${feed}  still registered${name}` };
    case 'withdrawn':
      return { level: 'warn', message: `${feed}  is not registered, until: feedferry register ${feed}` };
  }
}

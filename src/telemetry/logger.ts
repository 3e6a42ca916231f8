import pino from 'pino';
import pretty from 'pino-pretty';
import { createDrainSummary } from './drain-summary.ts';
import { errorRecord } from './error-text.ts';
import type { Report, TelemetryEvent } from './events.ts';
import { batchLevels, type LogLevel, logLine } from './log-line.ts';

export interface LogOptions {
  readonly level: LogLevel | 'silent';
  /** For people on a terminal; otherwise one JSON object a line. */
  readonly pretty: boolean;
  readonly destination: { write(text: string): unknown };
  /** Milliseconds since the epoch, for the summaries. Default: the system's clock. */
  readonly now?: () => number;
}

function destinationOf(options: LogOptions): pino.DestinationStream {
  if (!options.pretty) return options.destination;
  const format = pretty.prettyFactory({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    hideObject: options.level !== 'trace' && options.level !== 'debug',
    singleLine: true,
  });
  return { write: (line) => options.destination.write(format(line)) };
}

/** The fields beside the message: the event as it is, with its error in a form that is safe to show. */
function fieldsOf(event: TelemetryEvent, withStack: boolean): object {
  if (!('error' in event)) return event;
  const { error, ...rest } = event;
  const origin = error.cause instanceof Error ? error.cause : error;
  const stack = withStack && error.code === 'INTERNAL' ? { stack: origin.stack } : {};
  return { ...rest, error: { ...errorRecord(error), ...stack } };
}

/** Writes the log. Everything in it is made from telemetry events; a stack shows only for INTERNAL, from debug on. */
export function createLogReporter(options: LogOptions): Report {
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destinationOf(options),
  );
  const summary = createDrainSummary(options.now ?? Date.now);

  return (event) => {
    for (const { fields, message } of summary(event)) logger.info(fields, message);
    if (event.event in batchLevels && !logger.isLevelEnabled(batchLevels[event.event as keyof typeof batchLevels]))
      return;
    const { level, message } = logLine(event);
    if (logger.isLevelEnabled(level)) logger[level](fieldsOf(event, logger.isLevelEnabled('debug')), message);
  };
}

import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';
import { createLogReporter, type LogOptions } from '../../../src/telemetry/logger.ts';

const feed = 'fenergo/journey';

function logOf(events: readonly TelemetryEvent[], options: Partial<LogOptions> = {}): string {
  let text = '';
  const destination = { write: (chunk: string) => (text += chunk) };
  const report = createLogReporter({ level: 'info', pretty: false, destination, ...options });
  for (const event of events) report(event);
  return text;
}

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const halted: TelemetryEvent = {
  event: 'feed.halted',
  feed,
  probeMs: 300_000,
  error: new BridgeError('COMPLETE_REFUSED', 'complete answers 404', {
    hint: 'Check who else polls.',
    cause: new Error('outer', { cause: new Error('inner') }),
  }),
};

describe('the logger', () => {
  it('writes one JSON object a line, with the event, the feed, and the error without a stack', () => {
    const [line] = linesOf(logOf([halted]));
    expect(line).toMatchObject({
      level: 'error',
      event: 'feed.halted',
      feed,
      error: {
        code: 'COMPLETE_REFUSED',
        disposition: 'fatal',
        message: 'complete answers 404',
        hint: 'Check who else polls.',
        causes: ['outer', 'inner'],
      },
    });
    expect(JSON.stringify(line)).not.toContain('.ts:');
  });

  it('shows the stack of a bug only from debug on', () => {
    const bug: TelemetryEvent = { event: 'daemon.failed', error: new BridgeError('INTERNAL', 'oops') };
    expect(logOf([bug])).not.toContain('logger.test.ts');
    expect(logOf([bug], { level: 'debug' })).toContain('logger.test.ts');
  });

  it('writes a line for people when pretty, and nothing but the line', () => {
    const text = logOf([halted], { pretty: true });
    expect(text).toContain('fenergo/journey  COMPLETE_REFUSED  complete answers 404. Check who else polls.');
    expect(text.trim().split('\n')).toHaveLength(1);
  });

  it('leaves no control character of upstream to the terminal', () => {
    const error = new BridgeError('UPSTREAM_ERROR', 'answered \u001b[2Jgone');
    const event: TelemetryEvent = { event: 'batch.returned', feed, batchId: '1', error };
    expect(logOf([event], { pretty: true })).not.toContain('\u001b[2J');
  });

  it.each([true, false])(
    'never shows a secret at trace level, whatever slot of an event it gets into (pretty %s)',
    (pretty) => {
      const canary = new Secret('canary-4711') as unknown as string & number;
      const error = new BridgeError('INTERNAL', `${canary}`, { hint: `${canary}`, cause: canary });
      const events: TelemetryEvent[] = [
        { event: 'daemon.started', feeds: [canary as never], pid: canary },
        { event: 'daemon.failed', error },
        { event: 'listener.opened', listener: 'health', address: canary },
        { event: 'feed.halted', feed: canary as never, error, probeMs: 1 },
        { event: 'batch.fetched', feed, batchId: canary, records: canary, bytes: canary },
        {
          event: 'batch.confirmed',
          feed,
          batchId: canary,
          events: 1,
          filtered: 1,
          poison: 1,
          ms: 1,
          whereabouts: canary,
        },
        { event: 'batch.returned', feed, batchId: canary, error },
        { event: 'event.dead-lettered', feed, batchId: canary, id: canary, error },
        { event: 'attempt.failed', subject: canary, activity: 'token', error, attempt: 1, delayMs: 1 },
        { event: 'token.refreshed', subject: canary, expiresInMs: 1_000 },
        { event: 'operator.acted', action: canary, feed, reason: canary },
      ];
      const text = logOf(events, { level: 'trace', pretty });
      expect(text).toContain('[secret]');
      expect(text).not.toContain('canary-4711');
    },
  );
});

import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';
import { createFeedReports } from '../../../src/telemetry/feed-report.ts';
import { logLine } from '../../../src/telemetry/log-line.ts';

const finding: Finding = {
  severity: 'error',
  subject: 'feedferry.yaml:7:5',
  code: 'CONFIG_INVALID',
  message: 'every is text',
  hint: 'Expected 15s.',
};
const names = { added: [], changed: [], removed: [], kept: ['fenergo'], failed: [] };

describe('the log of a reload', () => {
  it.each<[string, Partial<Extract<TelemetryEvent, { event: 'config.reloaded' }>>, string, RegExp]>([
    ['that changes nothing', {}, 'info', /^SIGHUP: the configuration is the same/],
    [
      'that is applied',
      { changed: ['crm'], added: ['a', 'b'] },
      'info',
      /added a, b; changed crm; not touched: fenergo$/,
    ],
    ['of which a part failed', { changed: ['crm'], failed: [finding] }, 'error', /Failed: .*CONFIG_INVALID/],
  ])('%s', (_name, change, level, message) => {
    const line = logLine({ event: 'config.reloaded', trigger: 'SIGHUP', ...names, ms: 12, ...change });
    expect(line).toEqual({ level, message: expect.stringMatching(message) });
  });

  it('says where a file that is refused is wrong', () => {
    const line = logLine({ event: 'config.refused', trigger: 'SIGHUP', findings: [finding] });
    expect(line.level).toBe('error');
    expect(line.message).toContain('feedferry.yaml:7:5  CONFIG_INVALID  every is text. Expected 15s.');
  });
});

it('feed reports follow feeds that come and go, and keep what is known of the others', () => {
  const reports = createFeedReports(['crm/a', 'crm/b'], () => 7);
  reports.report({ event: 'feed.idle', feed: 'crm/a' });
  reports.keep(['crm/a', 'tickets/all']);
  reports.report({ event: 'feed.paused', feed: 'tickets/all' });
  expect(reports.all()).toMatchObject([
    { feed: 'crm/a', lastIdleAt: 7 },
    { feed: 'tickets/all', state: 'paused' },
  ]);
  expect(reports.of('crm/b')).toBeUndefined();
});

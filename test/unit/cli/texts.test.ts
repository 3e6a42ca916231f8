import { describe, expect, it } from 'vitest';
import { errorReport } from '../../../src/cli/error-report.ts';
import { findingCount, findingLines } from '../../../src/cli/finding-lines.ts';
import { proxyFromEnvironment } from '../../../src/cli/proxy-environment.ts';
import { printable, shortened, table } from '../../../src/cli/table.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Finding } from '../../../src/core/finding.ts';

describe('findings', () => {
  const findings: Finding[] = [
    {
      severity: 'error',
      subject: 'f.yaml:19:15',
      code: 'CONFIG_UNKNOWN_FEED',
      message: 'no feed "Journey"',
      hint: 'Did you mean "journey"?',
    },
    { severity: 'warning', subject: '/data', code: 'STATE_NOT_DURABLE', message: 'it is on tmpfs' },
    { severity: 'error', subject: 'f.yaml:7:60', code: 'CONFIG_UNSAFE', message: 'acks: 1 can lose events.' },
    { severity: 'ok', subject: 'fenergo/journey', message: 'upstream answers' },
  ];

  it('are one line each, sorted by place, subjects in a column', () => {
    expect(findingLines(findings)).toEqual([
      '/data            STATE_NOT_DURABLE  warning: it is on tmpfs.',
      'f.yaml:7:60      CONFIG_UNSAFE  acks: 1 can lose events.',
      'f.yaml:19:15     CONFIG_UNKNOWN_FEED  no feed "Journey". Did you mean "journey"?',
      'fenergo/journey  ok  upstream answers',
    ]);
  });

  it('have the command that mends them below, to be copied', () => {
    const missing = { severity: 'error', subject: 'f/a', code: 'DESTINATION_MISSING', message: 'no topic a' } as const;
    expect(findingLines([{ ...missing, hint: 'Create it.', command: 'create a' }])).toEqual([
      'f/a  DESTINATION_MISSING  no topic a. Create it.',
      '     create a',
    ]);
  });

  it('are counted', () => {
    expect(findingCount(findings)).toBe('2 errors, 1 warning');
  });
});

describe('an error', () => {
  it('says what happened and what to do about it', () => {
    const error = new BridgeError('FEED_UNKNOWN', 'there is no feed "a/b"', { hint: 'There are: a/c.' });
    expect(errorReport('a/b', error, { stack: false })).toBe(
      'a/b  FEED_UNKNOWN  there is no feed "a/b". There are: a/c.',
    );
  });

  it('gives the advice a line of its own when it gets long, and takes it from the catalogue when it has none', () => {
    const error = new BridgeError('COMPLETE_REFUSED', 'batch 1642925639481 is published, but complete answers 404');
    expect(errorReport('fenergo/journey', error, { stack: false }).split('\n')).toEqual([
      'fenergo/journey  COMPLETE_REFUSED  batch 1642925639481 is published, but complete answers 404.',
      '                 Nothing is lost. Check `baseUrl` and who else polls this feed, then `feedferry resume fenergo/journey`.',
    ]);
  });

  it('shows a stack for a bug only, and only when asked for', () => {
    const bug = new TypeError('x is undefined');
    expect(errorReport('feedferry', bug, { stack: false })).not.toContain('at ');
    expect(errorReport('feedferry', bug, { stack: true })).toContain('texts.test.ts');
    const known = new BridgeError('NOT_FOUND', 'nothing');
    expect(errorReport('feedferry', known, { stack: true })).not.toContain('texts.test.ts');
  });
});

describe('a table', () => {
  it('aligns its columns', () => {
    expect(
      table(
        ['ID', 'FEED'],
        [
          ['1', 'a/b'],
          ['100', 'c'],
        ],
      ),
    ).toEqual(['ID   FEED', '1    a/b', '100  c']);
  });

  it('shows control characters instead of sending them to the terminal', () => {
    expect(printable('a\u001b[31m\u202eb\r\n\tc')).toBe('a\\x1b[31m\\x202eb\\x0d\n\tc');
    expect(shortened('one\n two   three', 9)).toBe('one two …');
  });
});

describe('the proxy', () => {
  it('comes from the customary variables, lower case first', () => {
    expect(
      proxyFromEnvironment({ HTTPS_PROXY: 'http://upper', https_proxy: 'http://lower', NO_PROXY: 'localhost' }),
    ).toEqual({
      http: undefined,
      https: 'http://lower',
      no: 'localhost',
    });
    expect(proxyFromEnvironment({ ALL_PROXY: 'http://all', http_proxy: '' })).toMatchObject({
      http: 'http://all',
      https: 'http://all',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { isTopologyKnown, topologyScript } from '../../../src/cli/topology.ts';
import type { Finding } from '../../../src/core/finding.ts';

const missing = (subject: string, command: string): Finding => ({
  severity: 'error',
  subject,
  code: 'DESTINATION_MISSING',
  message: 'nothing there',
  command,
});
const weak = (command?: string): Finding => ({
  severity: 'warning',
  subject: 'p/a',
  code: 'DESTINATION_NOT_REPLICATED',
  message: 'weak',
  command,
});
const unwritable: Finding = {
  severity: 'error',
  subject: 'p/a',
  code: 'DESTINATION_UNWRITABLE',
  message: 'takes nothing',
  command: 'lower a',
};

describe('the script', () => {
  it('creates what is missing, each once', () => {
    const findings = [missing('p/a', 'create a'), missing('q/a', 'create a'), missing('p/b', 'create b')];
    expect(topologyScript(findings)).toEqual(['create a', 'create b']);
  });

  it('leaves to people what would change something that is there', () => {
    expect(topologyScript([weak('raise a'), weak(), weak('raise a'), unwritable])).toEqual(['# raise a', '# lower a']);
  });
});

describe('the topology is known', () => {
  it('where things are missing or weak', () => {
    const ok: Finding = { severity: 'ok', subject: 'bus', message: 'reachable' };
    expect(isTopologyKnown([ok, missing('p/a', 'create a'), weak(), unwritable])).toBe(true);
    for (const code of ['DESTINATION_MISMATCH', 'DESTINATION_UNBOUND'] as const) {
      expect(isTopologyKnown([ok, { ...unwritable, code }])).toBe(true);
    }
  });

  it.each(['BROKER_UNREACHABLE', 'BROKER_NOT_AUTHORISED', 'INTERNAL'] as const)('but not after %s', (code) => {
    expect(isTopologyKnown([{ severity: 'error', subject: 'bus', code, message: 'no' }, weak()])).toBe(false);
  });
});

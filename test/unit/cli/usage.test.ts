import { describe, expect, it } from 'vitest';
import { runHere } from './support.ts';

const commands = [
  'run',
  'check',
  'pause',
  'resume',
  'dead-letters',
  'dead-letters list',
  'dead-letters show',
  'set-aside',
  'discard',
  'ledger',
  'cursor',
  'cursor show',
  'cursor set',
  'schema',
  'sim',
  'sim fenergo',
  'probe',
];

describe('the command line', () => {
  it.each(commands)('explains `%s` with an example that begins with it', async (command) => {
    const { code, stdout } = await runHere([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\n {2}\\$ feedferry ${command}`));
  });

  it('names every command in its own help', async () => {
    const { code, stdout } = await runHere(['--help']);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toContain(`  ${command.split(' ')[0]}`);
  });

  it.each([
    [[]],
    [['--bogus']],
    [['chek']],
    [['run', '--log-level', 'loud']],
    [['discard', 'fenergo/journey']],
    [['discard', 'journey', '--reason', 'r']],
    [['discard', 'fenergo/journey', '--reason', '  ']],
    [['ledger', '--limit', '0']],
    [['ledger', '--limit', '1e3']],
    [['dead-letters', 'list', '--code', 'toString']],
    [['sim', 'fenergo', '--fault', 'nonsense']],
    [['sim', 'fenergo', '--fault', '5xx=2']],
    [['sim', 'fenergo', '--feeds', 'Journey']],
    [['probe', '--url', 'ftp://x']],
  ])('ends %j with 2 and says what was wrong', async (args) => {
    const { code, stdout, stderr } = await runHere(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
    expect(stderr).not.toContain('.ts:');
  });

  it('suggests the command that was meant', async () => {
    expect((await runHere(['chek'])).stderr).toContain('Did you mean check?');
  });

  it('says that a configuration cannot be read', async () => {
    const { code, stderr } = await runHere(['ledger', '-c', '/nonexistent/feedferry.yaml']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\/nonexistent\/feedferry.yaml {2}CONFIG_UNREADABLE {2}/);
  });

  it('prints the schema as JSON', async () => {
    const { code, stdout } = await runHere(['schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { version: {}, pipelines: {} } });
  });
});

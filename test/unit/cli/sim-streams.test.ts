import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { load } from '../config-examples/load.ts';
import { fakeHost, runHere } from './support.ts';

describe.each(['gini', 'sse'])('feedferry sim %s', (name) => {
  it('says which faults there are', async () => {
    const { code, stderr } = await runHere(['sim', name, '--port', '0', '--fault', 'nonsense']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('there is no fault "nonsense"');
    expect(stderr).toContain('auth-failed');
  });

  it('prints a configuration that reads its stream, and ends when it is told to', async () => {
    const args = ['sim', name, '--port', '0', '--token', 'secret', '--rate', '100', '--fault', 'cut=0.1'];
    const fake = fakeHost(args);
    const code = runProgram(fake.host);
    await expect.poll(fake.stderr).toContain('Ctrl-C ends it');
    fake.signal('SIGINT');
    expect(await code).toBe(0);
    const { findings, configuration } = await load(fake.stdout().toString());
    expect(findings).toEqual([]);
    expect(configuration?.pipelines).toMatchObject([{ name, ack: 'spool', feeds: [{ arrival: { kind: 'sse' } }] }]);
  });
});

import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAdminListener } from '../../../src/http/admin.ts';
import { openState } from '../../../src/state/open.ts';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { recordedOperations } from '../listeners/support.ts';
import { runHere } from './support.ts';

let folder: CommandFolder;
let resources: AsyncDisposableStack;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  folder = resources.use(
    await openCommandFolder({ auth: { kind: 'bearer', token: 'canary-4711' } }, ', auth: { bearer: "${env:TOKEN}" }'),
  );
});
afterEach(() => resources.disposeAsync());

const good = { TOKEN: 'canary-4711' };
const check = (env: Record<string, string> = good, ...more: string[]) =>
  runHere(['check', '-c', folder.file, ...more], { env });

describe('check', () => {
  it('finds everything in order, and completes nothing', async () => {
    folder.simulator.fill({ feed: 'journey', events: 25 });
    const { code, stdout, stderr } = await check();
    expect(stdout).toMatch(/fenergo\/journey +ok {2}upstream answers: batch \d+ of 10 records waits/);
    expect(stdout).toMatch(/fenergo\/document +ok {2}upstream answers: nothing waits/);
    expect(stdout).toMatch(/state +ok {2}can be opened and written/);
    expect(stderr).toMatch(/0 errors, \d+ warnings?\n/);
    expect(code).toBe(0);
    expect(folder.simulator.requests().every(({ call }) => call === 'next')).toBe(true);
  });

  it('says all that is wrong in one go, and shows no secret', async () => {
    await writeFile(folder.path('state'), 'not a folder');
    const { code, stdout, stderr } = await check({ TOKEN: 'canary-0815' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/fenergo\/journey +AUTH_REFUSED/);
    expect(stdout).toMatch(/fenergo\/document +AUTH_REFUSED/);
    expect(stdout).toMatch(/state +STATE_\w+/);
    expect(`${stdout}${stderr}`).not.toContain('canary');
  });

  it('tells one broken feed from the others', async () => {
    folder.simulator.addFault({ feed: 'document', kind: 'status', status: 404 });
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(/fenergo\/document +UPSTREAM_NOT_FOUND/);
    expect(stdout).toMatch(/fenergo\/journey +ok/);
  });

  it('names file, line and column of what is wrong in the configuration, and goes no further', async () => {
    const text = await readFile(folder.file, 'utf8');
    await writeFile(folder.file, text.replace('feeds: [journey', 'feeds: [Journey'));
    await appendFile(folder.file, 'extra: 1\n');
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(/feedferry\.yaml:7:\d+ +CONFIG_UNKNOWN_FEED {2}.*Did you mean "journey"\?/);
    expect(stdout).toMatch(/feedferry\.yaml:9:1 +CONFIG_UNKNOWN_KEY/);
    expect(folder.simulator.requests()).toEqual([]);
  });

  it('names a secret that is missing', async () => {
    const { code, stdout } = await check({});
    expect(code).toBe(1);
    expect(stdout).toMatch(/feedferry\.yaml:7:\d+ +SECRET_MISSING/);
  });

  it('connects to nothing when told to stay offline', async () => {
    const { code } = await check(good, '--offline');
    expect(code).toBe(0);
    expect(folder.simulator.requests()).toEqual([]);
  });

  it('does not mind that the daemon of this configuration holds the state', async () => {
    resources.use(await openState({ dir: folder.path('state'), mode: 'exclusive' }));
    const { operations } = recordedOperations();
    resources.use(await openAdminListener({ address: { host: '127.0.0.1', port: folder.admin }, operations }));
    const { code, stdout } = await check();
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`state +ok {2}.*held by process ${process.pid} .*127.0.0.1:${folder.admin}`));
  });

  it('warns when somebody else holds it', async () => {
    resources.use(await openState({ dir: folder.path('state'), mode: 'exclusive' }));
    const { code, stdout } = await check();
    expect(code).toBe(0);
    expect(stdout).toMatch(/state +STATE_LOCKED {2}warning: .*no daemon answers on listen.admin/);
  });
});

describe('check --print-topology', () => {
  const intoKafka = async (bootstrap: string) => {
    const text = await readFile(folder.file, 'utf8');
    const broker = `brokers: { out: { type: kafka, bootstrap: ["${bootstrap}"] } }`;
    await writeFile(
      folder.file,
      text.replace(/^brokers:.*$/m, broker).replace('{ broker: out }', '{ broker: out, topic: t }'),
    );
  };

  it('prints no command where nothing is missing, and asks no upstream', async () => {
    const { code, stdout, stderr } = await check(good, '--print-topology');
    expect(stdout).toBe('');
    expect(stderr).toMatch(/0 errors, \d+ warnings?\n$/);
    expect(code).toBe(0);
    expect(folder.simulator.requests()).toEqual([]);
  });

  it('fails where the broker cannot be asked, and says why on standard error', async () => {
    await intoKafka('127.0.0.1:1');
    const { code, stdout, stderr } = await check(good, '--print-topology');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/out +BROKER_UNREACHABLE/);
  });

  it('fails where the file is not good', async () => {
    await appendFile(folder.file, 'extra: 1\n');
    const { code, stdout, stderr } = await check(good, '--print-topology');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('CONFIG_UNKNOWN_KEY');
  });

  it('cannot be had offline', async () => {
    const { code, stdout, stderr } = await check(good, '--print-topology', '--offline');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain("'--print-topology' cannot be used with option '--offline'");
  });
});

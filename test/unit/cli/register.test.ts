import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { type Registry, startRegistry } from '../../support/registry/registry.ts';
import { runHere } from './support.ts';

let folder: CommandFolder;
let registry: Registry;
beforeEach(async () => {
  folder = await openCommandFolder();
  registry = await startRegistry();
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const create = '{ path: hooks, body: { url: "{callback}", secret: "{secret}" } }';

interface Choices {
  readonly publicUrl?: string | undefined;
  readonly verify?: string;
  readonly register?: string | undefined;
}

async function write(choices: Choices = {}) {
  const { verify = '{ preset: os1, keys: [hush] }' } = choices;
  const { publicUrl, register }: Choices = {
    publicUrl: 'https://hooks.example.com/in/',
    register: `{ baseUrl: "${registry.baseUrl}", create: ${create}, id: /id, remove: { path: "hooks/{id}" } }`,
    ...choices,
  };
  await writeFile(
    folder.file,
    `version: 1
${publicUrl === undefined ? '' : `publicUrl: ${publicUrl}`}
state: { dir: state }
listen: { hooks: "127.0.0.1:8080" }
brokers: { out: { type: log, dir: events } }
pipelines:
  os1:
    from:
      connector: os1
      account: acme
      path: /hooks/os1
      verify: ${verify}
${register === undefined ? '' : `      register: ${register}`}
    to: { broker: out, topic: os1 }
`,
  );
}

const run = (...args: readonly string[]) => runHere([...args, '-c', folder.file]);

describe('registering by hand, without a daemon,', () => {
  it('is done once, and undone', async () => {
    await write();
    expect((await run('register', 'os1/callbacks')).stdout).toBe('os1/callbacks  registered (w-1)\n');
    expect((await run('register', 'os1/callbacks')).stdout).toBe('os1/callbacks  is registered (w-1)\n');
    expect([...registry.hooks.values()]).toEqual([{ url: 'https://hooks.example.com/in/hooks/os1', secret: 'hush' }]);
    const { stdout } = await run('unregister', 'os1/callbacks', '--reason', 'moving');
    expect(stdout).toMatch(/^os1\/callbacks {2}is registered no more;.*\(w-1\)\n$/);
    expect(registry.hooks.size).toBe(0);
  });

  it('says what the upstream has against it, without the secret', async () => {
    await write();
    registry.failing = 422;
    const { code, stderr } = await run('register', 'os1/callbacks');
    expect(code).toBe(1);
    expect(stderr).toMatch(/os1\/callbacks {2}UPSTREAM_REFUSED {2}POST hooks: answered 422/);
    expect(stderr).not.toContain('hush');
  });

  it('needs a `register` in the file', async () => {
    await write({ register: undefined });
    const { code, stderr } = await run('register', 'os1/callbacks');
    expect(code).toBe(1);
    expect(stderr).toContain('FEED_NOT_CAPABLE');
  });
});

describe('urls', () => {
  it('are those below publicUrl, and say who tells them', async () => {
    await write();
    const { stdout, stderr } = await run('urls');
    expect(stdout).toBe('os1/callbacks  https://hooks.example.com/in/hooks/os1  (registered by itself)\n');
    expect(stderr).toBe('');
  });

  it('are those of the listener without one, and show no secret', async () => {
    await write({ publicUrl: undefined, register: undefined, verify: '{ secretPath: [0123456789abcdef] }' });
    const { stdout, stderr } = await run('urls');
    expect(stdout).toBe('os1/callbacks  http://127.0.0.1:8080/hooks/os1/[secret]  (by hand)\n');
    expect(stderr).toContain('publicUrl is not set');
  });
});

describe('check', () => {
  it('wants publicUrl for `register`', async () => {
    await write({ publicUrl: undefined });
    const { code, stdout, stderr } = await run('check', '--offline');
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).toMatch(/CONFIG_MISSING_KEY {2}os1 registers itself, but publicUrl is not set/);
  });

  it('wants a secret for {secret}', async () => {
    await write({ verify: 'none' });
    const { code, stdout, stderr } = await run('check', '--offline');
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).toMatch(/CONFIG_INVALID {2}os1 registers itself with \{secret\}, but has none/);
  });
});

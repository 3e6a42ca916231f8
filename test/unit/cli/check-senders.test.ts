import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { runHere } from './support.ts';

let folder: CommandFolder;
beforeEach(async () => {
  folder = await openCommandFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function check(verify: string, hooks = '127.0.0.1:0') {
  await writeFile(
    folder.file,
    `version: 1
state: { dir: state }
listen: { hooks: ${hooks} }
brokers: { out: { type: log, dir: events } }
pipelines:
  os1:
    from: { connector: os1, account: acme, path: /hooks/os1, verify: ${verify} }
    to: { broker: out, topic: os1 }
`,
  );
  return runHere(['check', '-c', folder.file, '--offline'], { judgeDisk: async () => 'durable' });
}

describe('check, of who sends webhooks,', () => {
  it('warns where anybody may', async () => {
    const { code, stdout } = await check('none');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /feedferry\.yaml:6:3 +SENDER_UNVERIFIED {2}warning: .*publish events of os1: verify is none/,
    );
  });

  it('has nothing against a signature', async () => {
    const { code, stdout } = await check('{ preset: os1, keys: [key] }');
    expect(code).toBe(0);
    expect(stdout).not.toContain('SENDER_UNVERIFIED');
  });

  it('refuses certificates that nobody can have', async () => {
    const { code, stdout } = await check('[{ certificate: {} }, { bearer: [token] }]');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /CERTIFICATE_REFUSED {2}.*nobody can send to \/hooks\/os1.* Set listen\.hooks\.tls\.clientCa\./,
    );
  });
});

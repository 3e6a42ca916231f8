import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../unit/state/temporary-directory.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** Uses a spool from the module that is named, and prints what it read. */
const script = (module: string, dir: string) => `
  const { openSpool } = await import(${JSON.stringify(pathToFileURL(module).href)});
  const spool = openSpool({ dir: ${JSON.stringify(dir)}, maxBytes: 2 ** 30 });
  const record = { bytes: new Uint8Array([79, 75]), mediaType: 'text/plain', headers: {}, receivedAt: new Date() };
  await spool.append('a/b', [{ record, batchId: '', index: 0 }]);
  const { records } = await spool.read('a/b', 0, { records: 1, bytes: 100 });
  console.log(Buffer.from(records[0].entry.record.bytes).toString());
  await spool[Symbol.asyncDispose]();
`;

/** By the plain runtime, as users run it: without what the tests bring. */
async function runPlainly(module: string): Promise<string> {
  await using place = await temporaryDirectory();
  const args = ['--input-type=module', '--eval', script(module, join(place.path, 'spool'))];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: place.path });
  return stdout + stderr;
}

test('the spool finds its thread among the sources', async () => {
  expect(await runPlainly(join(root, 'src', 'state', 'spool', 'open-spool.ts'))).toBe('OK\n');
});

test('the spool finds its thread where it was built', { timeout: 180_000 }, async () => {
  await using out = await temporaryDirectory();
  await run(process.execPath, [join(root, 'tools', 'build.ts'), out.path], { cwd: root });
  expect(await runPlainly(join(out.path, 'src', 'state', 'spool', 'open-spool.js'))).toBe('OK\n');
});

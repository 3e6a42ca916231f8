import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DirectoryOptions, openDirectoryStore } from '../../../src/claims/directory-store.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import { createWorkplace } from '../../support/workplace.ts';

const hour = 3_600_000;
const never = new AbortController().signal;

let resources: AsyncDisposableStack;
let dir: string;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  dir = join(resources.use(await createWorkplace()).path, 'claims');
});
afterEach(() => resources.disposeAsync());

async function storeWith(settings: Partial<DirectoryOptions> = {}) {
  const usual = { dir, refs: 'claims/', keepMs: 24 * hour, maxBytes: 1_000, now: Date.now };
  return resources.use(await openDirectoryStore({ ...usual, ...settings }));
}

async function* chunks(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const pathOf = (text: string, extension = '.pdf') => join(dir, sha256(text).slice(0, 2), `${sha256(text)}${extension}`);

async function files() {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('the store in a directory', () => {
  it('keeps a content by its SHA-256, and gives the claim of the golden example', async () => {
    const store = await storeWith();
    const name = '14bcd090baf31edba64e9cbd8cdfc15f943344aa72cb3675ad8e91bfcbce03ad';
    const claim = await store.put(chunks('%PDF-1.4\n', '%%EOF\n'), 'application/pdf', never);
    expect(claim).toEqual({ ref: `claims/${name}.pdf`, sha256: name, length: 15 });
    expect(await readFile(join(dir, '14', `${name}.pdf`), 'utf8')).toBe('%PDF-1.4\n%%EOF\n');
  });

  it('keeps the same content once, also when it is put many times at once, and then as young as the last one', async () => {
    const store = await storeWith();
    await Promise.all(Array.from({ length: 10 }, () => store.put(chunks('abc'), 'application/pdf', never)));
    expect(await files()).toEqual([`${sha256('abc')}.pdf`]);
  });

  it.each([
    ['application/json', '.json'],
    ['application/problem+json', '.json'],
    ['application/x-unheard-of', '.bin'],
    ['', '.bin'],
  ])('calls what is %s %s', async (mediaType, extension) => {
    await (await storeWith()).put(chunks('abc'), mediaType, never);
    expect(existsSync(pathOf('abc', extension))).toBe(true);
  });

  it('leaves nothing of a content that breaks off, and gives its error', async () => {
    const store = await storeWith();
    async function* broken() {
      yield Buffer.from('abc');
      throw new BridgeError('UPSTREAM_UNREACHABLE', 'broke off');
    }
    await expect(store.put(broken(), 'application/pdf', never)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    expect(await files()).toEqual([]);
  });

  it('is no whole file before it is whole', async () => {
    const store = await storeWith();
    const half = Promise.withResolvers<void>();
    const rest = Promise.withResolvers<void>();
    async function* slow() {
      yield Buffer.from('abc');
      half.resolve();
      await rest.promise;
      yield Buffer.from('def');
    }
    const putting = store.put(slow(), 'application/pdf', never);
    await half.promise;
    expect((await readdir(dir)).filter((name) => /^[0-9a-f]{2}$/.test(name))).toEqual([]);
    rest.resolve();
    await putting;
    expect(await files()).toEqual([`${sha256('abcdef')}.pdf`]);
  });

  it('clears away at the start what a bridge has left that was killed', async () => {
    await mkdir(join(dir, '.incoming'), { recursive: true });
    await writeFile(join(dir, '.incoming', '0123456789abcdef-1'), 'half of a');
    await storeWith();
    expect(await files()).toEqual([]);
  });

  it('deletes what was last put longer ago than it is to be kept', async () => {
    await (await storeWith()).put(chunks('old'), 'application/pdf', never);
    await (await storeWith()).put(chunks('again'), 'application/pdf', never);
    const longAgo = new Date(Date.now() - 25 * hour);
    await utimes(pathOf('old'), longAgo, longAgo);
    await utimes(pathOf('again'), longAgo, longAgo);
    const store = await storeWith({ keepMs: 48 * hour });
    await store.put(chunks('again'), 'application/pdf', never);
    await storeWith();
    expect(await files()).toEqual([`${sha256('again')}.pdf`]);
  });

  it('makes room by deleting the oldest, and makes what comes wait rather than delete what is young', async () => {
    const store = await storeWith({ maxBytes: 10 });
    await store.put(chunks('1234'), 'application/pdf', never);
    await store.put(chunks('5678'), 'application/pdf', never);
    await expect(store.put(chunks('abcd'), 'application/pdf', never)).rejects.toMatchObject({ code: 'CLAIMS_FULL' });
    const before = new Date(Date.now() - 2 * hour);
    await utimes(pathOf('1234'), before, before);
    await store.put(chunks('abcd'), 'application/pdf', never);
    expect((await files()).toSorted()).toEqual([`${sha256('5678')}.pdf`, `${sha256('abcd')}.pdf`].toSorted());
  });

  it('says that it cannot be written, which is tried again', async () => {
    const store = await storeWith();
    await writeFile(join(dir, sha256('abc').slice(0, 2)), 'in the way');
    const putting = store.put(chunks('abc'), 'application/pdf', never);
    await expect(putting).rejects.toMatchObject({ code: 'CLAIMS_UNWRITABLE', disposition: 'retryable' });
  });
});

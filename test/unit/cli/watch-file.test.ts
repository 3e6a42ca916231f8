import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { contentDigest, watchFile } from '../../../src/cli/watch-file.ts';
import { createWorkplace, type Workplace } from '../../support/workplace.ts';

const looksEvery = 20;

let workplace: Workplace;
let file: string;
let changes: number;

beforeEach(async () => {
  workplace = await createWorkplace();
  file = join(workplace.path, 'feedferry.yaml');
  changes = 0;
});
afterEach(() => workplace[Symbol.asyncDispose]());

async function watched() {
  const known = await contentDigest(file);
  return watchFile(file, known, () => (changes += 1), looksEvery);
}

const told = (times: number) => vi.waitFor(() => expect(changes).toBe(times), { timeout: 5_000, interval: 5 });

it('tells once of a content that is written, and again of the next one', async () => {
  await writeFile(file, 'one');
  using _watch = await watched();
  await writeFile(file, 'two');
  await told(1);
  await writeFile(file, 'three');
  await told(2);
});

it('sees a file that an editor renames over the old one', async () => {
  await writeFile(file, 'one');
  using _watch = await watched();
  await writeFile(`${file}~`, 'two');
  await rename(`${file}~`, file);
  await told(1);
});

it('sees the link to a folder swapped, as Kubernetes does it', async () => {
  for (const version of ['one', 'two']) {
    await mkdir(join(workplace.path, version));
    await writeFile(join(workplace.path, version, 'feedferry.yaml'), version);
  }
  const data = join(workplace.path, '..data');
  await symlink('one', data);
  await symlink('..data/feedferry.yaml', file);
  using _watch = await watched();
  await symlink('two', `${data}_tmp`);
  await rename(`${data}_tmp`, data);
  await told(1);
});

it('says nothing of a file that is away and comes back as it was, or is written again with the same content', async () => {
  await writeFile(file, 'one');
  using _watch = await watched();
  await rm(file);
  await writeFile(file, 'one');
  await writeFile(`${file}~`, 'one');
  await rename(`${file}~`, file);
  await writeFile(file, 'two');
  await told(1);
});

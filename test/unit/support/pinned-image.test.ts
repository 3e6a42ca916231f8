import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BrokerImage, imagesDir, pinnedImage } from '../../support/container/pinned-image.ts';

const images: readonly BrokerImage[] = ['elasticmq', 'kafka', 'rabbitmq'];
const support = join(import.meta.dirname, '..', '..', 'support');

const versionOf = (pom: string) => /<version>([^<]+)<\/version>/.exec(pom)?.[1];

test('there is a Dockerfile for each broker that is started in a container, and no other', async () => {
  expect((await readdir(imagesDir)).toSorted()).toEqual(images);
});

test.each(images)(
  'the Dockerfile of %s is one line that pins an exact version, which is what is started',
  async (name) => {
    const image = await pinnedImage(name);
    expect(await readFile(join(imagesDir, name, 'Dockerfile'), 'utf8')).toBe(`FROM ${image}\n`);
    expect(image).toMatch(/:\d+\.\d+\.\d+/);
  },
);

test.each([
  ['kafka', 'kafka'],
  ['elasticmq', 'sqs'],
] as const)('%s is of the same version in a container and without one', async (name, folder) => {
  const pom = await readFile(join(support, folder, 'pom.xml'), 'utf8');
  expect((await pinnedImage(name)).split(':')[1]).toBe(versionOf(pom));
});

import { expect, test } from 'vitest';
import { startInOneWay } from '../../support/ways-to-start.ts';

const works = (name: string) => async () => name;
const fails = (reason: string) => () => Promise.reject(new Error(`${reason}\nat length`));
const both = { container: works('container'), native: works('native') };
const noContainer = { ...both, container: fails('no engine answers') };
const none = { container: fails('no engine answers'), native: fails('no java') };

test.each([
  ['docker', 'container'],
  ['native', 'native'],
])('TEST_BROKERS=%s gets a broker in that way alone', async (asked, way) => {
  expect(await startInOneWay(both, 'native', asked)).toBe(way);
  expect(await startInOneWay(both, 'container', asked)).toBe(way);
});

test('TEST_BROKERS=docker never gets a native one', async () => {
  await expect(startInOneWay(noContainer, 'native', 'docker')).rejects.toThrow('in a container: no engine answers');
});

test('by default the first way that works is taken', async () => {
  expect(await startInOneWay(both, 'container', '')).toBe('container');
  expect(await startInOneWay(both, 'native', '')).toBe('native');
  expect(await startInOneWay(noContainer, 'container', '')).toBe('native');
});

test('where no way works, each says why, in a line', async () => {
  await expect(startInOneWay(none, 'container', '')).rejects.toThrow(
    /^in a container: no engine answers; on this machine: no java$/,
  );
});

test('a way that there is not is refused', async () => {
  await expect(startInOneWay(both, 'native', 'podman')).rejects.toThrow('expected docker or native');
});

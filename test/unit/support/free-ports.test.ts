import { connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePortNumbers } from '../../support/free-ports.ts';

it('gives ports that are free, all different, and not among those that any connection may get', async () => {
  const ports = await freePortNumbers(200);
  expect(new Set(ports).size).toBe(200);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  const [port = 0] = ports;
  const { promise, resolve } = Promise.withResolvers<unknown>();
  connect(port, '127.0.0.1').once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
  expect(await promise).toBe('ECONNREFUSED');
  await using server = createServer();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
});

it('gives out no port a second time soon, though nobody has taken it yet', async () => {
  const ports: number[] = [];
  // Without a word for them, some thirty of so many would be there twice.
  for (let round = 0; round < 10; round += 1) ports.push(...(await freePortNumbers(100)));
  expect(new Set(ports).size).toBe(ports.length);
});

import { expect, test } from 'vitest';
import { append, faultyFiles, scratch, systemError } from './support.ts';

test.each(['write', 'datasync'] as const)(
  'a failed %s leaves no trace, and the log is usable again',
  async (broken) => {
    await using place = await scratch();
    let faulty = false;
    const log = place.open({
      openFile: faultyFiles((operation) => {
        if (faulty && operation === broken) throw systemError('ENOSPC');
      }),
    });
    expect(await append(log, 'a')).toBe(0);
    faulty = true;
    expect(await append(log, 'lost', 'lost')).toBe('failed');
    expect(await append(log, 'lost')).toBe('failed');
    expect(await place.read()).toEqual(['0 a']);
    faulty = false;
    expect(await append(log, 'b')).toBe(1);
    await log.close();
    expect(await place.read()).toEqual(['0 a', '1 b']);
    expect(place.repaired).toEqual([]);
  },
);

test('a failed append that cannot be cut off is unknown, and is cut off before anything follows', async () => {
  await using place = await scratch();
  let faulty = false;
  const log = place.open({
    openFile: faultyFiles((operation) => {
      if (faulty && (operation === 'datasync' || operation === 'truncate')) throw systemError('EIO');
    }),
  });
  await append(log, 'a');
  faulty = true;
  expect(await append(log, 'b')).toBe('unknown');
  expect(await append(log, 'c')).toBe('failed');
  expect(await place.read()).toEqual(['0 a', '1 b']);
  faulty = false;
  expect(await append(log, 'b')).toBe(1);
  await log.close();
  expect(await place.read()).toEqual(['0 a', '1 b']);
});

test('after a failed sync the old descriptor is not used again', async () => {
  await using place = await scratch();
  const done: string[] = [];
  let faulty = true;
  const log = place.open({
    openFile: faultyFiles((operation) => {
      done.push(operation);
      if (faulty && operation === 'datasync') throw systemError('EIO');
    }),
  });
  expect(await append(log, 'a')).toBe('failed');
  faulty = false;
  expect(done.filter((operation) => operation === 'open')).toHaveLength(2);
  expect(done.slice(-3)).toEqual(['open', 'truncate', 'sync']);
  expect(await append(log, 'a')).toBe(0);
  await log.close();
});

test.each(['open', 'sync'] as const)(
  'a topic that cannot be opened (%s) writes nothing, and is tried again',
  async (broken) => {
    await using place = await scratch();
    let faulty = true;
    const log = place.open({
      openFile: faultyFiles((operation) => {
        if (faulty && operation === broken) throw systemError('EMFILE');
      }),
    });
    expect(await append(log, 'a')).toBe('failed');
    faulty = false;
    expect(await append(log, 'a')).toBe(0);
    await log.close();
  },
);

test('the error names the file, what is wrong and what to do', async () => {
  await using place = await scratch();
  const log = place.open({
    openFile: faultyFiles((operation) => {
      if (operation === 'write') throw systemError('ENOSPC');
    }),
  });
  const outcome = await log.append([Buffer.from('a')]).outcome;
  await log.close();
  expect(outcome).toMatchObject({
    error: {
      code: 'LOG_UNWRITABLE',
      disposition: 'retryable',
      message: `cannot append to ${place.folder}/00000000000000000000.ndjson: no space is left on the disk (ENOSPC)`,
      hint: expect.stringContaining('Free some space'),
    },
  });
});

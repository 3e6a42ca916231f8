import { defineConfig } from 'vitest/config';

/** One for all files of a run, so that what one file draws the others know. */
process.env['FEEDFERRY_SEED'] ??= String(Math.floor(Math.random() * 2 ** 31));

const alone = ['test/unit/**/*.test.ts', 'test/model/**/*.test.ts', 'connectors/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    projects: [
      {
        // They need nothing but themselves: as many at a time as there are cores.
        extends: true,
        test: { name: 'unit', include: alone, maxWorkers: '100%', sequence: { groupOrder: 0 } },
      },
      {
        // Brokers, processes and kills. They wait more than they work.
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: alone,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          // Its broker starts when the first test asks for it.
          globalSetup: ['test/support/kafka/global-setup.ts'],
        },
      },
    ],
  },
});

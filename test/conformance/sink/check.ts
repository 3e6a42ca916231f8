import { expect } from 'vitest';
import { events, noAbort, publish } from './events.ts';
import { isUnsupported } from './harness.ts';
import type { SinkPromise } from './promises.ts';

/** What `check` says beforehand. */
export const checkPromises: readonly SinkPromise[] = [
  {
    name: 'check finds no fault where there is none, and publishes nothing',
    needs: [],
    async run(fixture) {
      const before = (await fixture.read()).length;
      const findings = await fixture.sink.check(fixture.feeds, noAbort);
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(findings.filter(({ severity }) => severity === 'ok').length).toBeGreaterThan(0);
      expect(await fixture.read()).toHaveLength(before);
    },
  },
  {
    name: 'check names what is missing, and nothing is confirmed there',
    needs: ['missing'],
    async run(fixture) {
      if (isUnsupported(fixture.missing)) return;
      await using sink = await fixture.missing.open();
      const findings = await sink.check(fixture.feeds, noAbort);
      const faults = findings.filter(({ severity }) => severity === 'error');
      expect(faults.length).toBeGreaterThan(0);
      expect(faults.map(({ subject, message }) => `${subject} ${message}`).join('\n')).toContain(fixture.missing.name);
      const deliveries = await publish(sink, events({ ...fixture, sink }, 3));
      expect(deliveries.map(({ status }) => status)).not.toContain('confirmed');
    },
  },
  {
    name: 'check ends when it is told to, and never throws',
    needs: [],
    async run({ sink, feeds }) {
      expect(await sink.check(feeds, AbortSignal.abort())).toBeInstanceOf(Array);
    },
  },
];

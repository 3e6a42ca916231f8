import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createInFlight } from '../../../src/pipeline/in-flight.ts';

const { signal } = new AbortController();

/** Enters batches of these sizes and notes which have been let in. */
function entering(bound: { batches: number; bytes: number }, sizes: readonly number[], until = signal) {
  const inFlight = createInFlight(bound);
  const entered: number[] = [];
  const refused: string[] = [];
  sizes.forEach((size, n) => {
    inFlight.enter(size, until).then(
      () => entered.push(n),
      (error: { code: string }) => refused.push(error.code),
    );
  });
  return { inFlight, entered, refused };
}

const turn = () => new Promise(setImmediate);

describe('what may be in flight', () => {
  it('is bounded by count', async () => {
    const { inFlight, entered } = entering({ batches: 2, bytes: 100 }, [1, 1, 1, 1]);
    await turn();
    expect(entered).toEqual([0, 1]);
    inFlight.leave(1);
    await turn();
    expect(entered).toEqual([0, 1, 2]);
  });

  it('is bounded by bytes, and lets nobody past the one that waits for room', async () => {
    const { inFlight, entered } = entering({ batches: 10, bytes: 100 }, [60, 60, 1]);
    await turn();
    expect(entered).toEqual([0]);
    inFlight.leave(60);
    await turn();
    expect(entered).toEqual([0, 1, 2]);
  });

  it('may be one batch larger than the bound, alone', async () => {
    const { inFlight, entered } = entering({ batches: 10, bytes: 100 }, [500, 1]);
    await turn();
    expect(entered).toEqual([0]);
    inFlight.leave(500);
    await turn();
    expect(entered).toEqual([0, 1]);
  });

  it('is not entered after an abort, nor by who waits when it comes; who waits behind is let in', async () => {
    const end = new AbortController();
    const { inFlight, entered, refused } = entering({ batches: 1, bytes: 100 }, [1, 1], end.signal);
    const patient = inFlight.enter(1, signal);
    await turn();
    end.abort();
    await turn();
    expect(refused).toEqual(['STOPPING']);
    await expect(inFlight.enter(1, end.signal)).rejects.toMatchObject({ code: 'STOPPING' });
    inFlight.leave(1);
    await patient;
    expect(entered).toEqual([0]);
  });

  it('leaves no listener behind', async () => {
    const end = new AbortController();
    const { inFlight } = entering({ batches: 1, bytes: 100 }, [1, 1], end.signal);
    await turn();
    inFlight.leave(1);
    await turn();
    expect(getEventListeners(end.signal, 'abort')).toEqual([]);
  });
});

import { BridgeError } from '../../src/core/errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../src/core/http.ts';
import type { Desk } from './desk.ts';
import type { Fate } from './fates.ts';
import { bodiesOf, type FeedPlan } from './history.ts';
import type { Promises } from './promises.ts';

/** A batch as upstream holds it. */
export interface Held {
  readonly feed: number;
  readonly id: string;
  readonly bodies: readonly string[];
  /** Upstream has a name for it, by which the ledger knows it. */
  readonly hasLedger: boolean;
  /** May be acked only when all before it are. */
  readonly inOrder: boolean;
  /** Upstream has been told that it is safe. */
  done: boolean;
}

/** An empty batch has an id of its own, since nothing else tells it from another. */
export function holdBatches({ arrival, batches, sameId }: FeedPlan, feed: number): readonly Held[] {
  return batches.map((batch, n) => {
    const bodies = bodiesOf(batch);
    return {
      feed,
      id: sameId && bodies.length > 0 ? 'same' : `b${n}`,
      bodies,
      hasLedger: arrival !== 'cursor',
      inOrder: arrival !== 'independent',
      done: false,
    };
  });
}

export function firstOpen(batches: readonly Held[]): Held | undefined {
  return batches.find(({ done }) => !done);
}

function response(status: number, body = ''): HttpResponse {
  const headers = status === 429 ? { 'retry-after': '7' } : {};
  return { status, headers, body: Buffer.from(body), receivedAt: new Date() };
}

/** The client of a polled feed; it speaks `fakeProtocol` and `cursorProtocol`. */
export function polledClient(batches: readonly Held[], feed: number, desk: Desk, promises: Promises): HttpClient {
  function next(path: string): HttpResponse {
    const [, position] = path.split('/');
    const after = position === undefined || position === 'start' ? -1 : batches.findIndex(({ id }) => id === position);
    const open = position === undefined ? firstOpen(batches) : batches[after + 1];
    if (!open) return response(204);
    const more = open !== batches.at(-1);
    return response(200, JSON.stringify({ id: open.id, records: open.bodies, more }));
  }

  function judged({ kind }: Fate, call: string, act: () => HttpResponse): HttpResponse {
    const status = Number.parseInt(kind, 10);
    const done = kind.endsWith(' done') ? act() : undefined;
    if (status) return response(status);
    if (kind === 'garbage') return response(200, '{"id":');
    if (kind === 'lie') return response(200);
    if (done || kind === 'lost' || kind === 'late')
      throw new BridgeError('UPSTREAM_TIMEOUT', `${call} was not answered`);
    return act();
  }

  return {
    async send({ method, path }: HttpRequest, signal: AbortSignal) {
      const name = method === 'GET' ? 'next' : 'complete';
      const target = name === 'complete' ? firstOpen(batches) : undefined;
      const known = target && path === `complete/${target.id}` ? target : undefined;
      if (known) promises.acknowledging(known);
      const complete = () => {
        if (!known || known.done) return response(404);
        known.done = true;
        return response(200);
      };
      return await desk.call<HttpResponse>({
        name,
        feed,
        about: path,
        signal,
        answer: (fate) => judged(fate, name, name === 'next' ? () => next(path) : complete),
        land() {
          // Under an id that upstream uses again, a stray request could meet the wrong batch: nobody can help that.
          if (name === 'complete' && batches.filter(({ id }) => id === known?.id).length === 1) complete();
        },
        givenUp() {
          throw new BridgeError('STOPPING', `stopped in ${name}`);
        },
      });
    },
    async [Symbol.asyncDispose]() {},
  };
}

import { BridgeError } from '../../src/core/errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../src/core/http.ts';
import { aborted } from './scripted-source.ts';

/** How upstream misbehaves on one request; undefined: it behaves. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Does what it was asked for, and then answers with this status. */
  | { readonly kind: 'done-but'; readonly status: number }
  /** The connection breaks off, or nothing comes in time: after having done it, or not. */
  | { readonly kind: 'lost'; readonly done: boolean; readonly afterMs?: number }
  | { readonly kind: 'garbage' }
  /** No answer, until the request is given up. */
  | { readonly kind: 'hang' }
  /** Says that it worked, and does nothing. */
  | { readonly kind: 'lie' };

export type Call = 'next' | 'complete';

export interface SeenRequest {
  readonly call: Call;
  /** The batch, for `complete`; the position, for `next`. */
  readonly about: string;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
}

/** Batches to give out, one open at a time, over a client that needs no network. */
export interface FakeUpstream {
  readonly client: HttpClient;
  readonly requests: readonly SeenRequest[];
  /** Ids, in order, with those that somebody else completed. */
  readonly completed: readonly string[];
  /** Adds a batch to the end of the queue. */
  offer(id: string, ...bodies: readonly string[]): void;
  /** Somebody else completes the open batch. */
  completeForeign(): void;
  /** Gives the page after a position, in place of the queue. */
  answerNext: ((position: string) => Page | undefined) | undefined;
  /** What to do wrong on the nth request of a call, from 1. */
  misbehave: (call: Call, nth: number) => Fault | undefined;
}

export interface Page {
  readonly id: string;
  readonly records: readonly string[];
  readonly more: boolean;
}

type Offer = Omit<Page, 'more'>;

/** Speaks the protocol of `fakeProtocol`. */
export function createFakeUpstream(): FakeUpstream {
  const queue: Offer[] = [];
  const requests: SeenRequest[] = [];
  const completed: string[] = [];

  function answer(status: number, headers: Readonly<Record<string, string>> = {}, body = ''): HttpResponse {
    return { status, headers, body: Buffer.from(body), receivedAt: new Date() };
  }

  function behave(call: Call, about: string): HttpResponse {
    const [open] = queue;
    if (call === 'next') {
      const page = upstream.answerNext ? upstream.answerNext(about) : open && { ...open, more: queue.length > 1 };
      return page ? answer(200, {}, JSON.stringify(page)) : answer(204);
    }
    if (open?.id !== about) return answer(404);
    queue.shift();
    completed.push(about);
    return answer(200);
  }

  const upstream: FakeUpstream = {
    requests,
    completed,
    offer: (id, ...records) => void queue.push({ id, records }),
    completeForeign() {
      const open = queue.shift();
      if (open) completed.push(open.id);
    },
    answerNext: undefined,
    misbehave: () => undefined,
    client: {
      async send({ method, path }: HttpRequest, signal: AbortSignal) {
        if (signal.aborted) throw new BridgeError('STOPPING', 'stopped before a request');
        const call: Call = method === 'GET' ? 'next' : 'complete';
        const about = path.slice(path.indexOf('/') + 1);
        requests.push({ call, about, at: performance.now() });
        const nth = requests.filter((request) => request.call === call).length;
        const fault = upstream.misbehave(call, nth);
        switch (fault?.kind) {
          case undefined:
            return behave(call, about);
          case 'status':
            return answer(fault.status, fault.headers);
          case 'done-but':
            behave(call, about);
            return answer(fault.status);
          case 'garbage':
            return answer(200, {}, '{"id":');
          case 'lie':
            return answer(200);
          case 'hang':
            await aborted(signal);
            throw new BridgeError('STOPPING', 'stopped in a request');
          case 'lost':
            if (fault.done) behave(call, about);
            await Promise.race([new Promise((resolve) => setTimeout(resolve, fault.afterMs ?? 0)), aborted(signal)]);
            throw new BridgeError(signal.aborted ? 'STOPPING' : 'UPSTREAM_TIMEOUT', `${call} was not answered`);
        }
      },
      async [Symbol.asyncDispose]() {},
    },
  };
  return upstream;
}

import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What a sender has been told of its events. */
export interface Told {
  /** Answered 2xx: the sender forgets them. */
  readonly accepted: ReadonlySet<string>;
  /** How often each status was answered; 0: no answer came. */
  readonly statuses: ReadonlyMap<number, number>;
}

export interface Sender extends AsyncDisposable {
  readonly told: Told;
  /** Requests that wait for an answer right now. */
  inFlight(): number;
  /** Resolves when so many events are accepted. */
  accepted(count: number): Promise<void>;
  /** Begins no event any more, and resolves when all that were begun are accepted. */
  finish(): Promise<void>;
}

export interface SenderOptions {
  readonly url: string;
  /** Requests at once, each over a connection of its own. */
  readonly concurrency: number;
  /** Events share so many keys. Default: one for each connection, whose events then come one after the other. */
  readonly keys?: number;
  /** Between an event that was accepted, and the next one on its connection. Milliseconds; default: 0. */
  readonly restMs?: number;
  /** Bytes that each event is made larger by. */
  readonly padding?: number;
  /** Called with each event as soon as it is answered 2xx. */
  readonly onAccepted?: (id: string) => void;
}

const pauseMs = 100;

function send(agent: Agent, url: string, body: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sending = request(url, { method: 'POST', agent, headers }, (response) => {
    response.resume();
    response.on('end', () => resolve(response.statusCode ?? 0)).on('error', () => resolve(0));
    response.on('close', () => resolve(0));
  });
  sending.on('error', () => resolve(0));
  sending.end(body);
  return promise;
}

/** Sends events without end, and each of them again, after a pause, until it is accepted: as a sender does that must lose none. */
export function startSender({ url, concurrency, keys, restMs = 0, padding = 0, onAccepted }: SenderOptions): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const accepted = new Set<string>();
  const statuses = new Map<number, number>();
  const watchers = new Set<() => void>();
  let inFlight = 0;
  let begun = 0;
  let ending = false;
  let closed = false;

  async function deliver(id: string, key: string): Promise<void> {
    const body = JSON.stringify({ id, key, padding: 'x'.repeat(padding) });
    while (!closed) {
      inFlight++;
      const status = await send(agent, url, body);
      inFlight--;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 200 && status < 300) {
        accepted.add(id);
        onAccepted?.(id);
        for (const look of watchers) look();
        return;
      }
      await delay(pauseMs * (0.5 + Math.random()));
    }
  }

  async function work(connection: number): Promise<void> {
    while (!ending && !closed) {
      const number = begun++;
      await deliver(`e${number}`, `k${keys === undefined ? connection : number % keys}`);
      if (restMs > 0) await delay(restMs);
    }
  }

  const working = Promise.all(Array.from({ length: concurrency }, (_, connection) => work(connection)));
  return {
    told: { accepted, statuses },
    inFlight: () => inFlight,
    accepted(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (accepted.size >= count) resolve();
      };
      watchers.add(look);
      look();
      return promise.finally(() => watchers.delete(look));
    },
    async finish() {
      ending = true;
      await working;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      agent.destroy();
      await working;
    },
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { formFields } from '../../../src/kit/webhook-form.ts';
import { dice } from '../../fenergo/simulator/mix.ts';
import { perform, type World } from './commands.ts';
import { generated, type Notification, poisoned } from './notification.ts';
import type { Marked, WapiFault, WapiSimulatorOptions } from './options.ts';
import { createQueue } from './queue.ts';

/** WAPI on loopback. Disposing of it breaks all its connections. */
export interface WapiSimulator extends AsyncDisposable {
  readonly baseUrl: string;
  /** Lets so many more notifications wait. */
  fill(events: number): void;
  add(notification: Notification): void;
  /** In the order of marking. */
  marked(): readonly Marked[];
  /** Notifications that wait. */
  left(): number;
  /** Calls so far, and how many of them met each fault. */
  stats(): { readonly calls: number; readonly faults: Readonly<Partial<Record<WapiFault, number>>> };
  /** Resolves when so many calls have come in, ever since the start. */
  reached(calls: number): Promise<void>;
}

const page =
  '<!DOCTYPE html>\n<html><head><title>Just a moment</title></head><body>Checking your browser…</body></html>\n';

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType }).end(body);
}

export async function startWapiSimulator(options: WapiSimulatorOptions = {}): Promise<WapiSimulator> {
  const { port = 0, seed = 1, faults = {}, poisonEvery, now = () => new Date() } = options;
  const { credentials = { user: 'tester', password: 'simulated-password' } } = options;
  const roll = dice(seed);
  const queue = createQueue();
  const met: Partial<Record<WapiFault, number>> = {};
  const waiters = new Map<() => void, number>();
  let filled = 0;
  let calls = 0;
  let counted = 0;
  const world: World = {
    queue,
    credentials,
    now,
    marking: options.marking ?? (() => {}),
    place: options.place ?? 'response',
    count: () => ++counted,
  };

  function fill(events: number): void {
    for (let end = filled + events; filled < end; filled++) {
      const notification = generated(filled, seed);
      const isPoison = poisonEvery !== undefined && filled % poisonEvery === poisonEvery - 1;
      queue.add(isPoison ? poisoned(notification) : notification);
    }
  }
  fill(options.events ?? 0);

  function chooseFault(): WapiFault | undefined {
    const chosen = (Object.entries(faults) as [WapiFault, number][]).find(([, probability]) => roll() < probability);
    if (chosen === undefined) return undefined;
    met[chosen[0]] = (met[chosen[0]] ?? 0) + 1;
    return chosen[0];
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    calls += 1;
    for (const [resolve, wanted] of waiters) {
      if (calls < wanted) continue;
      waiters.delete(resolve);
      resolve();
    }
    if (request.method !== 'POST' || request.url !== '/wapi/xml') return send(response, 404, 'text/plain', 'not here');
    const fault = chooseFault();
    if (fault === 'drop') return void response.destroy();
    if (fault === '5xx') return send(response, 503, 'text/plain', 'down');
    if (fault === 'page') return send(response, 200, 'text/html; charset=utf-8', page);
    if (fault === 'rate-limit') return send(response, 200, 'text/plain', 'Too many requests, try again later\n');
    const answer = await perform(formFields(body, 'request')[0] ?? new Uint8Array(), world);
    if (fault === 'drop-after') return void response.destroy();
    send(response, 200, 'text/xml; charset=utf-8', answer);
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    // What fails here is the connection, mostly because the client has gone.
    handle(request, response).catch(() => response.destroy());
  });
  const opened = Promise.withResolvers<void>();
  server.once('error', opened.reject).listen(port, '127.0.0.1', opened.resolve);
  await opened.promise;
  const address = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    fill,
    add: queue.add,
    marked: queue.marked,
    left: queue.left,
    stats: () => ({ calls, faults: met }),
    async reached(wanted) {
      if (calls >= wanted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiters.set(resolve, wanted);
      await promise;
    },
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

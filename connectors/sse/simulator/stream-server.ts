import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Refusal, refusalBytes } from './refusal-bytes.ts';

/**
 * How one connection goes wrong. `silent`: it stays open, and nothing comes. `cut`: it breaks off in the midst of an event.
 * `endless`: a line that does not end, of so many bytes. `end`: it ends well, after so many events. `status`, `web-page`:
 * no stream at all. `refuse`: an error in the place of events, with status 200.
 */
export type StreamFault =
  | { readonly kind: 'silent' | 'cut' | 'web-page' }
  | { readonly kind: 'endless'; readonly bytes: number }
  | { readonly kind: 'end'; readonly after: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** What was asked. */
export interface StreamRequest {
  readonly at: number;
  readonly url: string;
  readonly lastEventId: string | undefined;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
}

export interface StreamServerOptions {
  /** 0 takes a free one. Default: 0. */
  readonly port?: number;
  /** Of the stream. Default: `/events`. */
  readonly path?: string;
  /** Whether events have ids, and are sent again to whoever asks by them. Default: true. */
  readonly ids?: boolean;
  /** Whether whoever connects without an id gets all there was. Default: false. */
  readonly replay?: boolean;
  /** What must stand in `authorization`, or in the query; what does not fit is refused so. Asked for each connection. */
  readonly authorized?: (request: StreamRequest) => boolean;
  readonly refusal?: Refusal;
  /** Called with each, before it is answered. */
  readonly onRequest?: (request: StreamRequest) => void;
  /** Between two comments while nothing comes, in milliseconds; 0: none. Default: 1,000. */
  readonly heartbeatMs?: number;
  /** What is written goes out in pieces of so many bytes, which cut characters too. Default: whole. */
  readonly pieceBytes?: number;
  /** Ends of lines. Default: line feeds. */
  readonly lineEnd?: '\n' | '\r' | '\r\n';
  /** Before other paths are answered 404. */
  readonly otherwise?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface StreamServer extends AsyncDisposable {
  readonly origin: string;
  readonly requests: readonly StreamRequest[];
  /** Connections that are open. */
  readonly open: number;
  /** Events so far. */
  readonly sent: number;
  /** To all who are connected; gives the id. */
  send(data: string, name?: string): string;
  /** Bytes as they are. */
  sendRaw(bytes: Buffer): void;
  /** The next connections go so, one each. */
  fail(...faults: readonly StreamFault[]): void;
  /** Every connection that is not in `fail` goes so; undefined: well. */
  failAlways(fault: StreamFault | undefined): void;
  /** Breaks all connections off. */
  cutAll(): void;
  /** Nothing comes on the open connections any more. */
  silence(): void;
  /** Resolves when so many connections were asked for, ever since the start. */
  asked(times: number): Promise<void>;
  /** Resolves when so many are open. */
  connected(times: number): Promise<void>;
}

interface Connection {
  readonly response: ServerResponse;
  events: number;
  readonly fault: StreamFault | undefined;
  silent: boolean;
}

const chunkOfEndless = Buffer.alloc(64 * 1024, 'x');

/** A server of one stream, on this machine, that goes wrong as it is told. */
export async function startStreamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
  const { port = 0, path = '/events', ids = true, replay = false, heartbeatMs = 1_000, lineEnd = '\n' } = options;
  const history: Buffer[] = [];
  const connections = new Set<Connection>();
  const requests: StreamRequest[] = [];
  const queue: StreamFault[] = [];
  const watchers = new Set<() => void>();
  let always: StreamFault | undefined;

  const look = () => {
    for (const watch of watchers) watch();
  };

  function until(holds: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const watch = () => {
      if (!holds()) return;
      watchers.delete(watch);
      resolve();
    };
    watchers.add(watch);
    watch();
    return promise;
  }

  function write({ response, silent }: Connection, bytes: Buffer): void {
    if (silent || response.destroyed) return;
    const { pieceBytes = bytes.length } = options;
    for (let at = 0; at < bytes.length; at += pieceBytes) response.write(bytes.subarray(at, at + pieceBytes));
  }

  function give(connection: Connection, bytes: Buffer): void {
    const { fault, response } = connection;
    if (fault?.kind === 'cut') {
      // So that the half of it has gone out before.
      response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => response.destroy());
      connection.silent = true;
      return;
    }
    write(connection, bytes);
    connection.events += 1;
    if (fault?.kind === 'end' && connection.events >= fault.after) response.end();
  }

  async function endless(response: ServerResponse, bytes: number): Promise<void> {
    const closed = once(response, 'close');
    response.write('data: ');
    for (let sent = 0; sent < bytes && !response.destroyed; sent += chunkOfEndless.length) {
      if (!response.write(chunkOfEndless)) {
        const { promise, resolve } = Promise.withResolvers<void>();
        response.once('drain', resolve);
        void closed.then(() => resolve());
        await promise;
      }
    }
  }

  function connect(request: IncomingMessage, response: ServerResponse): void {
    const asked: StreamRequest = {
      at: Date.now(),
      url: request.url ?? '',
      lastEventId: request.headers['last-event-id']?.toString(),
      authorization: request.headers.authorization,
      accept: request.headers.accept,
    };
    requests.push(asked);
    options.onRequest?.(asked);
    const refused: StreamFault | undefined =
      options.authorized?.(asked) === false
        ? { kind: 'refuse', refusal: options.refusal ?? { word: 'auth_failed', form: 'text' } }
        : undefined;
    const fault = refused ?? queue.shift() ?? always;
    if (fault?.kind === 'status') response.writeHead(fault.status).end(`not now: ${asked.url}`);
    else if (fault?.kind === 'web-page') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<html>down for maintenance: ${asked.url}</html>`);
    } else {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.flushHeaders();
      if (fault?.kind === 'refuse') refuse(response, fault.refusal);
      else if (fault?.kind === 'endless') void endless(response, fault.bytes);
      else stream(asked, response, fault);
    }
    look();
  }

  function refuse(response: ServerResponse, refusal: Refusal): void {
    const bytes = refusalBytes(refusal);
    const { pieceBytes = bytes.length } = refusal;
    for (let at = 0; at < bytes.length; at += pieceBytes) response.write(bytes.subarray(at, at + pieceBytes));
    if (refusal.ends !== false) response.end();
  }

  function stream({ lastEventId }: StreamRequest, response: ServerResponse, fault: StreamFault | undefined): void {
    const connection: Connection = { response, fault, events: 0, silent: fault?.kind === 'silent' };
    connections.add(connection);
    response.on('close', () => {
      connections.delete(connection);
      look();
    });
    response.on('error', () => {});
    const from = ids && lastEventId !== undefined ? Number(lastEventId) : replay ? 0 : history.length;
    for (const bytes of history.slice(from)) give(connection, bytes);
  }

  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] === path) connect(request, response);
    else if (options.otherwise?.(request, response) !== true) response.writeHead(404).end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const heartbeat =
    heartbeatMs > 0
      ? setInterval(() => {
          for (const connection of connections) write(connection, Buffer.from(`:${lineEnd}`));
        }, heartbeatMs)
      : undefined;

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get open() {
      return connections.size;
    },
    get sent() {
      return history.length;
    },
    send(data, name) {
      const id = String(history.length + 1);
      const lines = [
        ...(ids ? [`id: ${id}`] : []),
        ...(name === undefined ? [] : [`event: ${name}`]),
        ...data.split('\n').map((line) => `data: ${line}`),
      ];
      const bytes = Buffer.from(lines.map((line) => line + lineEnd).join('') + lineEnd);
      history.push(bytes);
      for (const connection of connections) give(connection, bytes);
      return id;
    },
    sendRaw(bytes) {
      for (const connection of connections) write(connection, bytes);
    },
    fail: (...faults) => void queue.push(...faults),
    failAlways(fault) {
      always = fault;
    },
    cutAll() {
      for (const { response } of connections) response.destroy();
    },
    silence() {
      for (const connection of connections) connection.silent = true;
    },
    asked: (times) => until(() => requests.length >= times),
    connected: (times) => until(() => connections.size >= times),
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat);
      server.close();
      server.closeAllConnections();
    },
  };
}

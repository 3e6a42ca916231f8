import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export type Respond = (arrived: Arrived, response: ServerResponse) => Promise<void> | void;

/** An upstream that does as it is told by `respond`, and remembers what arrived. */
export interface JobUpstream extends AsyncDisposable {
  readonly url: string;
  readonly arrived: readonly Arrived[];
  respond: Respond;
}

export async function startJobUpstream(respond: Respond): Promise<JobUpstream> {
  const arrived: Arrived[] = [];
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers, rawHeaders } = request;
    const one = { method, target, headers, rawHeaders, body: await text(request) };
    arrived.push(one);
    await upstream.respond(one, response);
  }
  const server = createServer((request, response) => void take(request, response).catch(() => request.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream: JobUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    respond,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return upstream;
}

/** An answer in JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

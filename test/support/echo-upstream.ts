import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** How it answers: a status and a media type, or not at all. */
export type EchoMode = 'hang' | 'reset' | readonly [status: number, mediaType: string];

export interface EchoUpstream extends AsyncDisposable {
  readonly url: string;
  readonly requests: () => number;
  mode: EchoMode;
}

/** What came, in the spellings that servers use when they tell their caller about it. */
function told({ method, url, rawHeaders, headers }: IncomingMessage, body: string): string {
  const pair = (headers.authorization ?? '').replace(/^Basic /, '');
  const decoded = Buffer.from(pair, 'base64').toString();
  const values = Object.values(headers).map((value) => encodeURIComponent(String(value)));
  return JSON.stringify({ decoded, values, rawHeaders, method, url, body });
}

/** A server that tells its caller everything it was sent, in body and headers: an upstream or a token endpoint. */
export async function startEchoUpstream(mode: EchoMode, tls?: ServerOptions): Promise<EchoUpstream> {
  let requests = 0;
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    const { mode } = upstream;
    if (mode === 'hang') return;
    if (mode === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const [status, mediaType] = mode;
    const echo = told(request, await text(request));
    const body = mediaType === 'text/html' ? `<p>${echo.replaceAll('"', '&quot;')}</p>` : echo;
    response.writeHead(status, { 'content-type': mediaType, 'x-echo': encodeURIComponent(echo) }).end(body);
  }
  const server = tls ? createHttpsServer(tls, answer) : createHttpServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const upstream: EchoUpstream = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests: () => requests,
    mode,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return upstream;
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface RegisteredHook {
  readonly url: string;
  readonly secret: string;
}

/** An upstream where webhooks are registered: `/hooks` and `/hooks/{id}`, as most have it. */
export interface Registry extends AsyncDisposable {
  readonly baseUrl: string;
  readonly hooks: Map<string, RegisteredHook>;
  /** Method and path of every request. */
  readonly requests: string[];
  /** While it is set, every request is answered with it. */
  failing: number | undefined;
}

export async function startRegistry(): Promise<Registry> {
  const hooks = new Map<string, RegisteredHook>();
  const requests: string[] = [];
  let made = 0;

  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request;
    const body = await buffer(request);
    requests.push(`${method} ${url}`);
    const answer = (status: number, json: unknown = {}) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    if (registry.failing !== undefined) return answer(registry.failing);
    const id = decodeURIComponent(url.replace(/^\/hooks\/?/, ''));
    if (id === '' && method === 'GET')
      return answer(
        200,
        [...hooks].map(([name, hook]) => ({ id: name, ...hook })),
      );
    if (id === '') {
      made += 1;
      hooks.set(`w-${made}`, JSON.parse(body.toString()) as RegisteredHook);
      return answer(201, { id: `w-${made}` });
    }
    if (!hooks.has(id)) return answer(404);
    if (method === 'PUT') hooks.set(id, JSON.parse(body.toString()) as RegisteredHook);
    if (method === 'DELETE') hooks.delete(id);
    return answer(200);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const registry: Registry = {
    baseUrl: `http://127.0.0.1:${port}`,
    hooks,
    requests,
    failing: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return registry;
}

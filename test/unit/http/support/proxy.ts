import http from 'node:http';
import net from 'node:net';
import { listen, type TestServer } from './servers.ts';

export interface TestProxy extends TestServer {
  /** `CONNECT host:port` or `GET http://…`, in order. */
  readonly seen: readonly string[];
  /** `proxy-authorization` of each, "" where it was absent. */
  readonly credentials: readonly string[];
}

/** A forward proxy: tunnels CONNECT, passes on the rest. `refuseWith`: the status it answers instead. */
export async function startProxy(refuseWith?: number): Promise<TestProxy> {
  const seen: string[] = [];
  const credentials: string[] = [];
  const note = (request: http.IncomingMessage) => {
    seen.push(`${request.method} ${request.url}`);
    credentials.push(request.headers['proxy-authorization'] ?? '');
  };
  const server = http.createServer((request, response) => {
    note(request);
    if (refuseWith !== undefined) {
      response.writeHead(refuseWith).end('no');
      return;
    }
    const onward = http.request(request.url ?? '', { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connect', (request, socket) => {
    note(request);
    if (refuseWith !== undefined) {
      socket.end(`HTTP/1.1 ${refuseWith} No\r\n\r\n`);
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const onward = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
  });
  return { ...(await listen(server)), seen, credentials };
}

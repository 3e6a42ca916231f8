import { createServer } from 'node:http';

/** Issues unsigned tokens, of the scope that is asked for, to `client`. */
export interface TokenEndpoint extends AsyncDisposable {
  readonly url: string;
  issued(): number;
  /** What comes instead of tokens from now on. `hang`: nothing. */
  mode: 'tokens' | 'hang' | 503;
}

export const client = { clientId: 'ferry', clientSecret: 'canary-client-secret' } as const;

function part(claims: object): string {
  return Buffer.from(JSON.stringify(claims)).toString('base64url');
}

/** `lifetimeS`: of each token. */
export async function startTokenEndpoint(lifetimeS = 3_600): Promise<TokenEndpoint> {
  let issued = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (endpoint.mode === 'hang') return;
    const credentials = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
    const good = decodeURIComponent(credentials) === `${client.clientId}:${client.clientSecret}`;
    const status = endpoint.mode === 503 ? 503 : good ? 200 : 401;
    response.writeHead(status, { 'content-type': 'application/json' });
    if (status !== 200) return response.end(JSON.stringify({ error: 'invalid_client', echo: credentials }));
    issued++;
    const iat = Math.floor(Date.now() / 1_000);
    const scope = new URLSearchParams(body).get('scope');
    const claims = { sub: 'ferry', iat, exp: iat + lifetimeS, jti: `canary-${issued}`, ...(scope && { scope }) };
    const token = `${part({ alg: 'none' })}.${part(claims)}.`;
    return response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: lifetimeS }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const endpoint: TokenEndpoint = {
    url: `http://127.0.0.1:${address.port}/token`,
    issued: () => issued,
    mode: 'tokens',
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return endpoint;
}

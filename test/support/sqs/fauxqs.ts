import { buildApp } from 'fauxqs';

export interface Fauxqs extends AsyncDisposable {
  readonly endpoint: string;
}

/** A stand-in of SQS in this process, with the names that AWS gives to errors. Unlike AWS it refuses characters beyond U+FFFF. */
export async function startFauxqs(): Promise<Fauxqs> {
  const app = buildApp({ logger: false, defaultRegion: 'eu-central-1' });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  return { endpoint, [Symbol.asyncDispose]: async () => void (await app.close()) };
}

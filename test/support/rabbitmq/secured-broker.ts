import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificates } from '../../unit/http/support/certificates.ts';
import { freePortNumbers } from '../free-ports.ts';
import { type OwnRabbitmq, startOwnRabbitmq } from './native-broker.ts';

/** A broker that also listens with TLS, its certificate being for 127.0.0.1 and localhost. */
export interface SecuredRabbitmq {
  readonly broker: OwnRabbitmq;
  /** amqps, by names that its certificate has. */
  readonly byAddress: string;
  readonly byName: string;
  /** amqps, by an address that its certificate lacks. */
  readonly byOtherAddress: string;
  /** The management API over https. */
  readonly management: string;
  stop(): Promise<void>;
}

/** `wants`: whether clients must show a certificate. The name of an account is that in its certificate. */
export async function startSecuredRabbitmq(
  { ca, server }: Certificates,
  { wants }: { readonly wants: boolean },
): Promise<SecuredRabbitmq> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-secured-rabbitmq-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  const write = async (name: string, text: string) => {
    await writeFile(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  try {
    const [port = 0, management = 0] = await freePortNumbers(2);
    const files = [
      `cacertfile = ${await write('ca.pem', ca)}`,
      `certfile = ${await write('server.pem', server.cert)}`,
      `keyfile = ${await write('server-key.pem', server.key)}`,
    ];
    const broker = await startOwnRabbitmq([
      `listeners.ssl.one = 127.0.0.1:${port}`,
      `listeners.ssl.other = 127.0.0.2:${port}`,
      ...files.map((line) => `ssl_options.${line}`),
      'ssl_options.verify = verify_peer',
      `ssl_options.fail_if_no_peer_cert = ${wants}`,
      'auth_mechanisms.1 = PLAIN',
      'auth_mechanisms.2 = EXTERNAL',
      'ssl_cert_login_from = common_name',
      'management.ssl.ip = 127.0.0.1',
      `management.ssl.port = ${management}`,
      ...files.map((line) => `management.ssl.${line}`),
    ]);
    return {
      broker,
      byAddress: `amqps://127.0.0.1:${port}`,
      byName: `amqps://localhost:${port}`,
      byOtherAddress: `amqps://127.0.0.2:${port}`,
      management: `https://127.0.0.1:${management}`,
      async stop() {
        await broker.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

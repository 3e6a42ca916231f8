import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from '../../unit/http/support/certificates.ts';
import { freePortsFor } from './free-ports.ts';
import { startOwnKafka } from './native-broker.ts';
import { scramLogin, setScramPassword } from './scram-user.ts';
import { saslUser } from './server-properties.ts';
import type { StartedKafka } from './started-kafka.ts';

/**
 * `login`: TLS, with PLAIN or SCRAM. `bearer`: TLS, with tokens of scope `produce`. `brief`: no TLS, with PLAIN or tokens,
 * and connections end unless they log in again within `briefMs`. `tls`: TLS alone. `mutual`: wants a certificate.
 * `stranger`: its certificate is for another name.
 */
const protocols = {
  login: 'SASL_SSL',
  bearer: 'SASL_SSL',
  brief: 'SASL_PLAINTEXT',
  tls: 'SSL',
  mutual: 'SSL',
  stranger: 'SSL',
} as const;

type Listener = keyof typeof protocols;

/** One broker with a listener for each kind of security, besides `bootstrap` with none. */
export interface SecuredKafka extends StartedKafka {
  readonly listeners: Readonly<Record<Listener, string>>;
  readonly certificates: Certificates;
}

export const briefMs = 4_000;
export const scope = 'produce';

const bearerLogin = `org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker" unsecuredValidatorRequiredScope="${scope}";`;
const plainLogin = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${saslUser.username}="${saslUser.password}";`;

function loginSettings(): Record<string, string> {
  return {
    'listener.name.login.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.login.plain.sasl.jaas.config': plainLogin,
    'listener.name.login.scram-sha-256.sasl.jaas.config': scramLogin,
    'listener.name.login.scram-sha-512.sasl.jaas.config': scramLogin,
    'listener.name.bearer.sasl.enabled.mechanisms': 'OAUTHBEARER',
    'listener.name.bearer.oauthbearer.sasl.jaas.config': bearerLogin,
    'listener.name.brief.sasl.enabled.mechanisms': 'PLAIN,OAUTHBEARER',
    'listener.name.brief.plain.sasl.jaas.config': plainLogin,
    'listener.name.brief.plain.connections.max.reauth.ms': String(briefMs),
    'listener.name.brief.oauthbearer.sasl.jaas.config': bearerLogin,
    'listener.name.brief.oauthbearer.connections.max.reauth.ms': String(briefMs),
  };
}

async function tlsSettings(dir: string, { ca, server, stranger }: Certificates): Promise<Record<string, string>> {
  const write = async (name: string, text: string) => {
    await writeFile(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': await write('server.pem', server.key + server.cert),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': await write('ca.pem', ca),
    'listener.name.mutual.ssl.client.auth': 'required',
    'listener.name.stranger.ssl.keystore.type': 'PEM',
    'listener.name.stranger.ssl.keystore.location': await write('stranger.pem', stranger.key + stranger.cert),
  };
}

export async function startSecuredKafka(): Promise<SecuredKafka> {
  const certificates = makeCertificates();
  const ports = (await freePortsFor(3)).flatMap(({ plain, sasl, controller }) => [plain, sasl, controller]);
  const take = () => ports.pop() ?? 0;
  const [plain, controller] = [take(), take()];
  const listeners = Object.fromEntries(
    Object.keys(protocols).map((name) => [name, `127.0.0.1:${take()}`]),
  ) as SecuredKafka['listeners'];
  const all = [`PLAINTEXT://127.0.0.1:${plain}`];
  for (const [name, address] of Object.entries(listeners)) all.push(`${name.toUpperCase()}://${address}`);
  const map = Object.entries(protocols).map(([name, protocol]) => `${name.toUpperCase()}:${protocol}`);

  const dir = await mkdtemp(join(tmpdir(), 'feedferry-secured-'));
  try {
    const kafka = await startOwnKafka({
      listeners: [...all, `CONTROLLER://127.0.0.1:${controller}`].join(','),
      'advertised.listeners': all.join(','),
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      'listener.security.protocol.map': ['PLAINTEXT:PLAINTEXT', 'CONTROLLER:PLAINTEXT', ...map].join(','),
      ...loginSettings(),
      ...(await tlsSettings(dir, certificates)),
    });
    const stop = async () => {
      await kafka.stop();
      await rm(dir, { recursive: true, force: true });
    };
    try {
      await setScramPassword(`127.0.0.1:${plain}`);
    } catch (error) {
      await stop();
      throw error;
    }
    return { bootstrap: `127.0.0.1:${plain}`, listeners, certificates, stop };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

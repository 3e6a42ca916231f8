import { type ChannelModel, connect, credentials } from 'amqplib';
import { BridgeError } from '../../core/errors.ts';
import { connectFailure } from './classify.ts';
import type { RabbitmqBroker } from './config.ts';
import { addressOf, type Host } from './url.ts';

/** What is needed to connect, besides the host. */
export interface Login {
  readonly broker: RabbitmqBroker;
  readonly brokerName: string;
  /** How the broker's own pages name the connection. */
  readonly clientName: string;
}

/** An open connection. */
export interface Connection {
  readonly model: ChannelModel;
  readonly host: Host;
  /** Cuts it, whatever state it is in. */
  destroy(): void;
  /** Takes leave of the broker, for a second at most. */
  close(): Promise<void>;
}

const farewellMs = 1_000;

function credentialsOf({ username, password }: RabbitmqBroker) {
  if (username === undefined || password === undefined) return credentials.external();
  return credentials.plain(username, password.reveal());
}

/** Never rejects. When `signal` aborts, its reason is a BridgeError. */
export async function openConnection(
  host: Host,
  { broker, brokerName, clientName }: Login,
  signal: AbortSignal,
): Promise<Connection | BridgeError> {
  if (signal.aborted) return signal.reason;
  const cut = new AbortController();
  const { ca, cert, key } = broker.tls ?? {};
  const options = {
    ...(ca && { ca: ca.reveal() }),
    ...(cert && { cert: cert.reveal() }),
    ...(key && { key: key.reveal() }),
    credentials: credentialsOf(broker),
    clientProperties: { connection_name: clientName },
    noDelay: true,
    // Destroys the socket in every state: the library itself has no such thing.
    signal: cut.signal,
  };
  const late = new BridgeError(
    'BROKER_TIMEOUT',
    `${brokerName} (${addressOf(host)}) did not let us in within ${broker.connectTimeout} ms`,
  );
  const giveUp = (reason: BridgeError) => {
    failure = reason;
    cut.abort();
  };
  const stop = () => giveUp(signal.reason);
  let failure: BridgeError | undefined;
  const timer = setTimeout(() => giveUp(late), broker.connectTimeout);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { protocol, hostname, port, vhost } = host;
    const heartbeat = broker.heartbeat / 1_000;
    const model = await connect({ protocol, hostname, port, vhost, heartbeat }, options);
    // What it says is said on the channels too, or by `close`.
    model.on('error', () => {});
    return {
      model,
      host,
      destroy: () => cut.abort(),
      async close() {
        const end = setTimeout(() => cut.abort(), farewellMs);
        const closed = new Promise<void>((resolve) => model.once('close', () => resolve()));
        await Promise.race([model.close().catch(() => {}), closed]);
        clearTimeout(end);
        cut.abort();
      },
    };
  } catch (error) {
    return failure ?? connectFailure(error, host, brokerName);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

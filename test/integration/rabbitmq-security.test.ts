import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Delivery } from '../../src/core/sink.ts';
import { giveUpInCi, suiteOn } from '../support/broker-suite.ts';
import { bindQueue, declareExchange, manage } from '../support/rabbitmq/management.ts';
import { startSecuredRabbitmq } from '../support/rabbitmq/secured-broker.ts';
import { event, openSink, publish, routed, summary } from '../support/rabbitmq/sink-calls.ts';
import { makeCertificates } from '../unit/http/support/certificates.ts';

const certificates = makeCertificates();
const { ca, client, stranger } = certificates;
const foreign = makeCertificates();
const exchange = 'secured';
/** Who logs in by certificate names no user. */
const nobody = { username: undefined, password: undefined };

async function startBoth() {
  const started = await Promise.all([
    startSecuredRabbitmq(certificates, { wants: false }),
    startSecuredRabbitmq(certificates, { wants: true }),
  ]);
  const [open, strict] = started;
  afterAll(() => Promise.all(started.map((secured) => secured.stop())));
  return { open, strict };
}

const suite = suiteOn(await startBoth().catch(giveUpInCi));

suite('RabbitMQ over TLS', ({ open, strict }) => {
  beforeAll(async () => {
    for (const { broker } of [open, strict]) {
      await declareExchange(broker, exchange);
      await bindQueue(broker, exchange, exchange);
      // Who is known by certificate has no password.
      await manage(broker, 'PUT', 'users/client', { password_hash: '', tags: '' });
      await manage(broker, 'PUT', 'permissions/%2F/client', { configure: '', write: exchange, read: '' });
    }
  });

  async function attempt(url: string, settings: object): Promise<Delivery | undefined> {
    await using sink = await openSink(url, { broker: { connectTimeout: '5s', confirmTimeout: '10s', ...settings } });
    const [delivery] = await publish(sink, routed(sink, [event(exchange)]));
    return delivery;
  }

  const refused = (code: string) => ({ status: 'failed', error: { code, hint: expect.any(String) } });

  it.each(['byAddress', 'byName'] as const)('a broker is trusted by its authority, %s', async (by) => {
    expect(await attempt(open[by], { tls: { ca } })).toMatchObject({ status: 'confirmed' });
  });

  it.each([
    ['what the system trusts', {}],
    ['another authority', { tls: { ca: foreign.ca } }],
  ])('a broker that %s does not vouch for is refused', async (_, settings) => {
    expect(await attempt(open.byAddress, settings)).toMatchObject(refused('BROKER_TLS_REFUSED'));
  });

  it('a broker under a name that its certificate lacks is refused', async () => {
    expect(await attempt(open.byOtherAddress, { tls: { ca } })).toMatchObject(refused('BROKER_TLS_REFUSED'));
  });

  it('a certificate goes with username and password', async () => {
    expect(await attempt(strict.byName, { tls: { ca, ...client } })).toMatchObject({ status: 'confirmed' });
  });

  it.each([
    ['none', {}],
    ['one of another authority', foreign.client],
  ])('a broker that wants a certificate refuses %s', async (_, own) => {
    expect(await attempt(strict.byName, { tls: { ca, ...own } })).toMatchObject(refused('BROKER_TLS_REFUSED'));
  });

  it('a certificate alone is a login (EXTERNAL), and has the rights of its account', async () => {
    const settings = { ...nobody, tls: { ca, ...client } };
    expect(await attempt(strict.byAddress, settings)).toMatchObject({ status: 'confirmed' });
    await using sink = await openSink(strict.byAddress, { broker: settings, to: { exchange: 'amq.topic' } });
    expect(await sink.check(['test/feed'], new AbortController().signal)).toContainEqual(
      expect.objectContaining({ severity: 'error', code: 'BROKER_NOT_AUTHORISED' }),
    );
  });

  it('a certificate whose name has no account is refused', async () => {
    const settings = { ...nobody, tls: { ca, ...stranger } };
    expect(await attempt(strict.byAddress, settings)).toMatchObject({
      status: 'failed',
      error: { code: 'BROKER_AUTH_REFUSED' },
    });
  });

  it('an address that speaks no TLS is refused', async () => {
    const plain = open.broker.url.replace('amqp:', 'amqps:');
    expect(summary([await attempt(plain, { tls: { ca } })].flatMap((one) => one ?? []))).toEqual([
      'failed BROKER_TLS_REFUSED',
    ]);
  });

  it('the management API over https is trusted in the same way', async () => {
    const look = async (authority: string) => {
      const broker = { tls: { ca }, management: open.management };
      await using sink = await openSink(open.byAddress, {
        broker: { ...broker, tls: { ca: authority } },
        to: { exchange },
      });
      return await sink.check(['test/feed'], new AbortController().signal);
    };
    expect(await look(ca)).toContainEqual(
      expect.objectContaining({ severity: 'ok', message: expect.stringContaining('leads to') }),
    );
    expect(await look(foreign.ca)).toContainEqual(
      expect.objectContaining({ severity: 'error', code: 'BROKER_TLS_REFUSED' }),
    );
  });
});

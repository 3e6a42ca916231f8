import { z } from 'zod';
import type { AnyConnector } from '../core/connector.ts';
import type { ErrorCode } from '../core/errors.ts';
import { onPoisonChoices } from '../core/on-poison.ts';
import type { AnySinkType } from '../core/sink-type.ts';
import { byteSize, duration, secret, text } from '../kit/scalars.ts';
import { ackChoices } from './ack.ts';
import { hooksListen, publicUrl } from './hooks-listen.ts';
import { isLoopback, listenAddress } from './listen-address.ts';
import { requestsListen } from './requests-listen.ts';

/** What a name may look like: it goes into feed names, file names and URLs. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens, at most 63, such as fenergo-2');

const unsafe: ErrorCode = 'CONFIG_UNSAFE';

const admin = z
  .union([
    listenAddress().transform((address) => ({ ...address, token: undefined })),
    z
      .strictObject({
        address: listenAddress().describe('host:port'),
        token: secret().describe('Every request has to bring it as a bearer token.'),
      })
      .transform(({ address, token }) => ({ ...address, token })),
  ])
  .refine(({ host, token }) => token !== undefined || isLoopback(host), {
    message: 'The admin listener can pause, discard and read events: open to the network it needs a token.',
    params: {
      code: unsafe,
      hint: 'Use 127.0.0.1, or write { address: "0.0.0.0:9090", token: "${file:/run/secrets/admin}" }.',
    },
  });

const spool = z.strictObject({
  maxBytes: byteSize().prefault('1GiB').describe('Most bytes of all feeds together.'),
  maxAge: duration()
    .optional()
    .describe('A feed whose oldest record waits for longer takes no more. Default: however long it takes.'),
});

const state = z.strictObject({
  dir: text()
    .prefault('./feedferry-state')
    .describe('Folder of the state, one daemon at a time. Relative to the configuration file.'),
  keepReceipts: duration().prefault('30d').describe('How long receipts and ledger entries are kept.'),
  keepRaw: z
    .union([duration(), z.literal(false)])
    .prefault('7d')
    .describe('How long batches are kept as upstream sent them, compressed, at most 1 GiB; false: not at all.'),
  spool: spool
    .prefault({})
    .describe('What is accepted before it is delivered, of upstreams that cannot wait. Full, it refuses more.'),
});

const listen = z.strictObject({
  health: listenAddress().prefault('127.0.0.1:9091').describe('Listener for probes; no control.'),
  admin: admin.prefault('127.0.0.1:9090').describe('Listener for commands; needs a token when not on loopback.'),
  hooks: hooksListen
    .optional()
    .describe(
      'Listener for webhooks: host:port, or a mapping. Needed where a pipeline takes them, and open only then.',
    ),
  requests: requestsListen
    .optional()
    .describe('Listener for requests through the bridge: host:port, or a mapping. Needs a token when not on loopback.'),
});

/** The schemas of what registries add to the file. */
interface Parts<Broker, From, To, DeadLetters> {
  readonly broker: z.ZodType<Broker>;
  readonly from: z.ZodType<From>;
  readonly to: z.ZodType<To>;
  readonly deadLetters: z.ZodType<DeadLetters>;
}

function fileSchema<Broker, From, To, DeadLetters>(parts: Parts<Broker, From, To, DeadLetters>) {
  return z.strictObject({
    version: z.literal(1).describe('Version of this format.'),
    state: state.prefault({}).describe('What the bridge keeps on disk.'),
    listen: listen.prefault({}).describe('Where the bridge listens.'),
    publicUrl: publicUrl.optional().describe('Where senders reach listen.hooks, for what is registered with them.'),
    brokers: z.record(name, parts.broker).describe('Brokers by name.'),
    pipelines: z
      .record(
        name,
        z.strictObject({
          from: parts.from.describe('The upstream.'),
          to: parts.to.describe('The destination, at one of the brokers, or a list of them.'),
          delivery: z
            .enum(['at-least-once', 'exactly-once'])
            .default('at-least-once')
            .describe(
              'at-least-once: after a crash an event may be published a second time, with the same id. exactly-once, into Kafka: it is not, for consumers that set isolation.level=read_committed; all others also see what was never committed.',
            ),
          ack: z
            .enum(ackChoices)
            .default('broker')
            .describe(
              'When upstream is told that a batch is done. broker: once all of it is confirmed. spool: once it is fsynced in state.spool, so that an upstream that cannot wait does not wait for the broker; what is spooled is lost with the disk.',
            ),
          onPoison: z
            .enum(onPoisonChoices)
            .default('dead-letter')
            .describe(
              'What becomes of an event that a destination refuses for good. dead-letter: it is set aside, and what follows goes on. park-key: later events of its partition key are set aside behind it, in order, until an operator releases the key; events of one key are then published one after the other. stop: the feed halts, also for a record that cannot become an event, and nothing is acknowledged.',
            ),
          archive: z
            .boolean()
            .optional()
            .describe(
              'Whether receipts (feedferry trace) and what upstream sent (feedferry replay) are kept, as long as `state` says. Default: those of what is polled are; webhooks are many and small, and their sender knows what it has sent.',
            ),
          deadLetters: parts.deadLetters
            .optional()
            .describe(
              'Where a confirmed copy of each dead letter goes, beside the local store. Needed where state.dir does not survive the container. Default: no copies.',
            ),
          bridgeEvents: parts.deadLetters
            .optional()
            .describe(
              'Where the bridge says how requests and sessions go: dev.feedferry.request.accepted, request.settled, request.stalled, stalled. Never where events go. Default: in the log alone.',
            ),
        }),
      )
      .refine((pipelines) => Object.keys(pipelines).length > 0, 'expected at least one pipeline')
      .meta({ minProperties: 1, description: 'Pipelines by name.' }),
  });
}

const present = z.custom<unknown>((value) => value !== undefined, 'expected a mapping');

/**
 * The file without what registries add to it. The loader judges each broker, `from` and `to` on its own, so that one
 * that is wrong hides no fault of another.
 */
export const frameSchema = fileSchema({ broker: present, from: present, to: present, deadLetters: present });

/** The whole file, for editors. */
export function wholeSchema(connectors: readonly AnyConnector[], sinkTypes: readonly AnySinkType[]): z.ZodType {
  const destinations = sinkTypes.map((sinkType) => sinkType.destination);
  const listed = destinations.map(withCondition);
  return fileSchema({
    broker: z.union(sinkTypes.map((sinkType) => sinkType.broker)),
    from: z.union(connectors.map((connector) => connector.config)),
    to: z.union([...destinations, z.array(z.union(listed)).min(1)]),
    deadLetters: z.union(destinations),
  });
}

const when = text()
  .optional()
  .describe('Which events it gets: JSONata over the event, or a JSON Pointer such as /data/payload. Default: all.');

/** A destination as it stands in a list. */
function withCondition(destination: z.ZodType): z.ZodType {
  if (destination instanceof z.ZodObject) return destination.safeExtend({ when });
  return destination instanceof z.ZodPipe && destination.in instanceof z.ZodObject
    ? destination.in.safeExtend({ when })
    : destination;
}

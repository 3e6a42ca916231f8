import { z } from 'zod';
import { BridgeError } from '../../core/errors.ts';
import type { Management } from './management-client.ts';

/** Settings of a queue, however they are set: by argument (`x-max-length`) or by policy (`max-length`), without `x-`. */
type Settings = Readonly<Record<string, unknown>>;

export interface QueueFacts {
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  /** Gone when its last consumer, or its connection, is. */
  readonly fleeting: boolean;
  /** How many machines have it; undefined where it is not said. */
  readonly machines: number | undefined;
  readonly settings: Settings;
}

export interface ExchangeFacts {
  readonly type: string;
  readonly durable: boolean;
  /** Where it sends what no queue wants. */
  readonly alternate: string | undefined;
  /** Why its policy could not be read. */
  readonly hiddenPolicy: BridgeError | undefined;
  /** What is bound to it, also by way of other exchanges. */
  readonly queues: readonly QueueFacts[];
}

/** How many exchanges and queues are looked at, at most. */
const most = 100;

const settings = z.record(z.string(), z.unknown()).catch({});
const exchangeAnswer = z.object({
  type: z.string(),
  durable: z.boolean(),
  arguments: settings,
  policy: z.string().nullish(),
});
const policyAnswer = z.object({ definition: settings });
const bindingsAnswer = z.array(z.object({ destination: z.string(), destination_type: z.string() }));
const queueAnswer = z.object({
  type: z.string().default('classic'),
  durable: z.boolean(),
  auto_delete: z.boolean().default(false),
  exclusive: z.boolean().default(false),
  arguments: settings,
  effective_policy_definition: settings,
  members: z.array(z.string()).optional(),
});

function settingsOf(byArgument: Settings, byPolicy: Settings): Settings {
  const named = Object.entries(byArgument).map(([name, value]) => [name.replace(/^x-/, ''), value]);
  return { ...byPolicy, ...Object.fromEntries(named) };
}

function toQueue(name: string, answer: z.output<typeof queueAnswer>): QueueFacts {
  const { type, durable, members } = answer;
  const found = settingsOf(answer.arguments, answer.effective_policy_definition);
  const mirrored = 'ha-mode' in found;
  const machines = type === 'classic' ? (mirrored ? undefined : 1) : members?.length;
  return { name, type, durable, fleeting: answer.auto_delete || answer.exclusive, machines, settings: found };
}

/** What the API shows of an exchange; undefined where there is none. Never rejects. */
export async function exchangeFacts(
  management: Management,
  vhost: string,
  exchange: string,
  signal: AbortSignal,
): Promise<ExchangeFacts | BridgeError | undefined> {
  /** Throws a BridgeError. */
  async function read<Schema extends z.ZodType>(
    schema: Schema,
    ...path: readonly string[]
  ): Promise<z.output<Schema> | undefined> {
    const found = await management.get(path, signal);
    if (found instanceof BridgeError) throw found;
    if (found === undefined) return undefined;
    const parsed = schema.safeParse(found);
    if (parsed.success) return parsed.data;
    throw new BridgeError('BROKER_UNAVAILABLE', `the management API gives an answer that is not known: ${path[0]}`);
  }

  async function policyOf(name: string | null | undefined): Promise<Settings | BridgeError> {
    if (!name) return {};
    try {
      return (await read(policyAnswer, 'policies', vhost, name))?.definition ?? {};
    } catch (error) {
      if (error instanceof BridgeError && error.code === 'BROKER_NOT_AUTHORISED') return error;
      throw error;
    }
  }

  async function boundQueues(): Promise<readonly QueueFacts[]> {
    const exchanges = new Set([exchange]);
    const names = new Set<string>();
    // A set that grows while it is walked: what is added is walked, too.
    for (const source of exchanges) {
      const bindings = await read(bindingsAnswer, 'exchanges', vhost, source, 'bindings', 'source');
      for (const { destination, destination_type } of bindings ?? []) {
        const known = destination_type === 'queue' ? names : exchanges;
        if (known.size < most) known.add(destination);
      }
    }
    const queues: QueueFacts[] = [];
    for (const name of names) {
      const answer = await read(queueAnswer, 'queues', vhost, name);
      if (answer) queues.push(toQueue(name, answer));
    }
    return queues;
  }

  try {
    const found = await read(exchangeAnswer, 'exchanges', vhost, exchange);
    if (!found) return undefined;
    const policy = await policyOf(found.policy);
    const hidden = policy instanceof BridgeError;
    const alternate = settingsOf(found.arguments, hidden ? {} : policy)['alternate-exchange'];
    return {
      type: found.type,
      durable: found.durable,
      alternate: typeof alternate === 'string' ? alternate : undefined,
      hiddenPolicy: hidden ? policy : undefined,
      queues: await boundQueues(),
    };
  } catch (error) {
    if (error instanceof BridgeError) return error;
    return new BridgeError('INTERNAL', 'the management API could not be read', { cause: error });
  }
}

import { parseArgs } from 'node:util';
import { benchPoll } from './poll/poll.ts';
import { openSubject, sinkNames } from './sinks/open-subject.ts';
import { benchSinks } from './sinks/sinks.ts';
import { benchStream } from './stream/stream.ts';
import { benchTransactions } from './transactions/transactions.ts';
import { benchWebhook } from './webhook/webhook.ts';

const usage = `usage: npm run bench -- poll [--sink log|kafka] [--client platformatic|kafkajs] [--events N] [--rounds N]
                             [--yardstick PROGRAM] [--archive] [--profile]
       npm run bench -- sinks [--sink kafka|rabbitmq|sqs|sqs-fifo] [--client platformatic|kafkajs] [--seconds S] [--rounds N]
       npm run bench -- sse [--sink log|rabbitmq] [--events N] [--rounds N] [--profile]
       npm run bench -- transactions [--seconds S] [--rounds N]
       npm run bench -- webhook [--sink log|kafka] [--client platformatic|kafkajs] [--connections N,N] [--seconds S]
                                [--rounds N] [--yardstick PROGRAM] [--profile]

--events       queued in each of the six feeds, default 20000; of the stream, default 100000
--connections  that senders keep, each with one request at a time; default 64,256
--seconds      that each case is measured in a round; default 3
--rounds       in turns; figures are their medians; default 3
--yardstick    a program that is measured beside the two, with --sink kafka
--archive      the bridge is measured without receipts and raw batches too
--profile      one more run of the bridge, of each case, which is not counted, for a CPU profile`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    sink: { type: 'string' },
    client: { type: 'string', default: 'platformatic' },
    yardstick: { type: 'string' },
    events: { type: 'string' },
    connections: { type: 'string', default: '64,256' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    archive: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});

/** One of the choices, or undefined. */
function choose<Choice extends string>(given: string, choices: readonly Choice[]): Choice | undefined {
  return choices.find((choice) => choice === given);
}

async function run(): Promise<boolean> {
  const [name] = positionals;
  const { yardstick, archive, profile } = values;
  const events = Number(values.events ?? (name === 'sse' ? 100_000 : 20_000));
  const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
  const client = choose(values.client, ['platformatic', 'kafkajs']);
  if (!client || ![events, seconds, rounds].every((number) => number > 0)) return false;
  if (name === 'poll') {
    const sink = choose(values.sink ?? 'log', ['log', 'kafka']);
    if (sink === 'log' && yardstick !== undefined) return false;
    if (sink) await benchPoll({ sink, client, yardstick, events, rounds, archive, profile });
    return sink !== undefined;
  }
  if (name === 'sinks') {
    const sink = choose(values.sink ?? 'kafka', sinkNames);
    if (sink) await benchSinks(await openSubject(sink, client), { seconds, rounds });
    return sink !== undefined;
  }
  if (name === 'webhook') {
    const sink = choose(values.sink ?? 'kafka', ['log', 'kafka']);
    if (sink === 'log' && yardstick !== undefined) return false;
    const connections = values.connections.split(',').map(Number);
    if (!sink || !connections.every((count) => count > 0)) return false;
    await benchWebhook({ sink, client, connections, seconds, rounds, yardstick, profile });
    return true;
  }
  if (name === 'sse') {
    const sink = choose(values.sink ?? 'log', ['log', 'rabbitmq']);
    if (sink) await benchStream({ sink, events, rounds, profile });
    return sink !== undefined;
  }
  if (name === 'transactions') {
    await benchTransactions({ seconds, rounds });
    return true;
  }
  return false;
}

if (!(await run())) {
  console.error(usage);
  process.exitCode = 2;
}

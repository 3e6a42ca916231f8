import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { MakeDelivery, SenderStats } from '../../connectors/webhook/simulator/options.ts';
import type { SignatureName } from '../../connectors/webhook/simulator/sign.ts';
import { BridgeError } from '../core/errors.ts';
import { addExample, type Cli, wholeNumber } from './cli.ts';
import { type FaultChoice, faultArgument } from './sim-faults.ts';
import { countedAnswers, tellProgress } from './sim-progress.ts';

interface Options {
  readonly url: string;
  readonly events: number;
  readonly concurrency: number;
  readonly rate?: number;
  readonly burst: number;
  readonly seed: number;
  readonly arrays: number;
  readonly key: string;
  readonly sign: string;
  readonly fault: readonly FaultChoice[];
  readonly ledger?: string;
  /** Of async-session alone. */
  readonly contents?: string;
  readonly contentFault?: readonly FaultChoice[];
}

/** A sender of webhooks that can be simulated. */
interface SimulatedSender {
  readonly name: 'os1' | 'webhook' | 'async-session' | 'wapi-post' | 'fenergo-webhook';
  readonly description: string;
  readonly path: string;
  readonly sign: SignatureName;
  readonly key: string;
  make(): Promise<MakeDelivery>;
  /** Flow YAML under `from`, of a pipeline that takes it. */
  from(taken: Taken): string;
}

/** How the bridge takes it: the path of the URL, and flow YAML of `verify`. */
interface Taken {
  readonly path: string;
  readonly verify: string;
}

const senders: readonly SimulatedSender[] = [
  {
    name: 'os1',
    description: 'OS1 calling back: signed, and again until it is answered with success',
    path: '/hooks/os1',
    sign: 'os1',
    key: 'simulated-secret',
    make: async () => (await import('../../connectors/os1/simulator/bodies.ts')).os1Delivery,
    from: ({ path, verify }) =>
      `connector: os1, account: acme, path: ${path}, verify: ${verify}, outcome: { error: 'data.status = "FAILED"' }`,
  },
  {
    name: 'async-session',
    description: 'the asynchronous session API telling how its sessions go',
    path: '/hooks/sessions',
    sign: 'bearer',
    key: 'simulated-token',
    make: async () => (await import('../../connectors/async-session/simulator/bodies.ts')).sessionDelivery,
    from: ({ path, verify }) => `connector: async-session, account: acme, path: ${path}, verify: ${verify}`,
  },
  {
    name: 'webhook',
    description: 'any sender of JSON, signed as you like',
    path: '/hooks/billing',
    sign: 'standard-webhooks',
    key: 'whsec_c2ltdWxhdGVkLXNlY3JldC1zaW11bGF0ZWQ=',
    make: async () => (await import('../../connectors/webhook/simulator/bodies.ts')).billingDelivery,
    from: ({ path, verify }) =>
      `connector: webhook, account: acme, path: ${path}, verify: ${verify}, event: { id: /body/id, type: '"com.example." & body.type', subject: /body/data/id, partitionkey: /body/data/id }`,
  },
  {
    name: 'wapi-post',
    description: 'WEDOS WAPI posting notifications, each in a form, until it is answered with success',
    path: '/hooks/wapi',
    sign: 'none',
    key: 'none',
    make: async () => (await import('../../connectors/wapi/simulator/bodies.ts')).wapiDelivery,
    from: ({ path, verify }) =>
      `connector: wapi, account: acme, delivery: post, post: { path: ${path}, verify: ${verify} }`,
  },
  {
    name: 'fenergo-webhook',
    description: 'Fenergo sending notifications of the feed journey: signed, and again until answered with success',
    path: '/hooks/fenergo/journey',
    sign: 'fenergo',
    key: 'simulated-secret',
    make: async () => (await import('../../connectors/fenergo/simulator/bodies.ts')).fenergoDelivery,
    // The feed is the last part of the path.
    from: ({ path, verify }) =>
      `connector: fenergo, baseUrl: "https://api.example.com", feeds: [journey], delivery: webhook, webhook: { path: ${path.replace(/\/journey$/, '')}, verify: ${verify} }`,
  },
];

function verifyOf(sign: string, key: string): string {
  if (sign === 'none') return 'none';
  return sign === 'bearer' ? `{ bearer: ["${key}"] }` : `{ preset: ${sign}, keys: ["${key}"] }`;
}

function downloadOf(url: string | undefined): string {
  return url === undefined ? '' : `, download: { baseUrl: "${url}", store: { dir: ./feedferry-claims } }`;
}

/** A whole configuration that takes what this sender sends into the embedded log. */
function exampleConfiguration(
  { name, from }: SimulatedSender,
  { url, sign, key }: Options,
  contentsUrl: string | undefined,
): string {
  const { host, pathname } = new URL(url);
  const taken = from({ path: pathname, verify: verifyOf(sign, key) });
  return [
    'version: 1',
    'state: { dir: ./feedferry-state }',
    `listen: { hooks: "${host}" }`,
    'brokers: { out: { type: log, dir: ./feedferry-events } }',
    'pipelines:',
    `  ${name}:`,
    `    from: { ${taken}${downloadOf(contentsUrl)} }`,
    '    to: { broker: out }',
  ].join('\n');
}

function summary({ deliveries, safe, givenUp, statuses }: SenderStats): string {
  return `# ${safe} of ${deliveries} answered with success, ${givenUp} given up. Answers: ${countedAnswers(statuses)}.`;
}

function knownFaults(chosen: readonly FaultChoice[], known: readonly string[]): Readonly<Record<string, number>> {
  for (const { name } of chosen) {
    if (known.includes(name)) continue;
    throw new BridgeError('USAGE', `there is no fault "${name}"`, { hint: `There are: ${known.join(', ')}.` });
  }
  return Object.fromEntries(chosen.map(({ name, probability }) => [name, probability]));
}

function signatureName(name: string, known: readonly string[]): SignatureName {
  if (known.includes(name)) return name as SignatureName;
  throw new BridgeError('USAGE', `there is no way "${name}" to sign`, { hint: `There are: ${known.join(', ')}.` });
}

/** Serves what the simulated sessions have made, where that is asked for. */
async function openContents({ contents, contentFault = [], seed }: Options, resources: AsyncDisposableStack) {
  if (contents === undefined) return undefined;
  const { contentFaults, startContents } = await import('../../connectors/async-session/simulator/contents.ts');
  const faults = knownFaults(contentFault, contentFaults);
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(contents) ?? [];
  if (host === undefined) {
    throw new BridgeError('USAGE', `${contents} is no address`, { hint: 'Such as 127.0.0.1:8090.' });
  }
  const started = await startContents({ host, port: Number(port), seed, faults }).catch((thrown: Error) => {
    throw new BridgeError('LISTEN_FAILED', `the simulator cannot listen at ${contents}: ${thrown.message}`);
  });
  return resources.use(started);
}

async function simulate(cli: Cli, sender: SimulatedSender, options: Options): Promise<void> {
  const [{ startSender }, { faultNames }, { signatures }, { inArrays }, make] = await Promise.all([
    import('../../connectors/webhook/simulator/sender.ts'),
    import('../../connectors/webhook/simulator/options.ts'),
    import('../../connectors/webhook/simulator/sign.ts'),
    import('../../connectors/webhook/simulator/bodies.ts'),
    sender.make(),
  ]);
  const { url, events, concurrency, rate, burst, seed, arrays, key, ledger } = options;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new BridgeError('USAGE', `${url} is no URL that webhooks could be sent to`, {
      hint: `Such as http://127.0.0.1:8080${sender.path}.`,
    });
  }
  const sign = signatures[signatureName(options.sign, Object.keys(signatures))](key);
  const faults = knownFaults(options.fault, faultNames);
  await using resources = new AsyncDisposableStack();
  const contents = await openContents(options, resources);
  cli.remark(`# Sends ${events} webhooks to ${url}, each until it is answered with success. Ctrl-C ends it.`);
  cli.remark('# A bridge that takes them: save these lines as feedferry.yaml, and in another terminal: feedferry run');
  cli.print(exampleConfiguration(sender, options, contents?.url));
  const sending = startSender({
    url,
    make: inArrays(make, arrays / 100),
    sign,
    seed,
    deliveries: events,
    concurrency,
    burst,
    faults,
    ...(rate === undefined ? {} : { rate }),
  });
  resources.use(sending);
  const ended = Promise.withResolvers<void>();
  const restore = cli.host.onSignal(() => {
    sending.stop();
    ended.resolve();
  });
  {
    using _progress = tellProgress(sending.stats, cli.remark);
    await sending.done;
  }
  if (contents !== undefined) {
    cli.remark('# All is sent. The contents of its sessions can be fetched until Ctrl-C ends it.');
    await ended.promise;
  }
  restore();
  if (ledger !== undefined) {
    await writeFile(
      ledger,
      sending
        .ledger()
        .map((entry) => `${JSON.stringify(entry)}\n`)
        .join(''),
    );
  }
  const stats = sending.stats();
  cli.remark(summary(stats));
  if (stats.givenUp > 0) cli.exitCode = 1;
}

/** `sim os1`, `sim async-session`, `sim webhook`, `sim wapi-post`, `sim fenergo-webhook`. */
export function addWebhookSims(parent: Command, cli: Cli): void {
  for (const sender of senders) {
    const command = parent
      .command(sender.name)
      .description(sender.description)
      .option('--url <url>', 'where to send', `http://127.0.0.1:8080${sender.path}`)
      .option('--events <n>', 'webhooks', wholeNumber(1, 10_000_000), 100)
      .option(
        '--sign <name>',
        'how to sign: os1, github, stripe, slack, fenergo, standard-webhooks, bearer, none',
        sender.sign,
      )
      .option('--key <text>', 'key, or token', sender.key)
      .option('--concurrency <n>', 'requests that are open at once', wholeNumber(1, 1_000), 8)
      .option('--rate <n>', 'webhooks a second; without it as fast as answers come', wholeNumber(1, 100_000))
      .option('--burst <n>', 'webhooks that come at once, at the same rate over all', wholeNumber(1, 100_000), 1)
      .option('--arrays <percent>', 'how many of the bodies are arrays of several events', wholeNumber(0, 100), 0)
      .option('--seed <n>', 'the same seed gives the same webhooks and faults', wholeNumber(0, 2 ** 31 - 1), 1)
      .option(
        '--fault <name[=probability]>',
        'such as forged, slow, twice=0.2; can be given several times',
        faultArgument,
        [],
      )
      .option('--ledger <file>', 'write what was sent, and what was answered: a line of JSON for each webhook')
      .action((options: Options) => simulate(cli, sender, options));
    if (sender.name === 'async-session') {
      command
        .option('--contents <host:port>', 'serve what the sessions have made there, for `download`, until Ctrl-C')
        .option(
          '--content-fault <name[=probability]>',
          'such as slow, cut, short, busy, missing, huge, web-page; can be given several times',
          faultArgument,
          [],
        );
    }
    addExample(command, `sim ${sender.name} --events 1000 --fault forged=0.05 --fault twice=0.1 --ledger sent.ndjson`);
  }
}

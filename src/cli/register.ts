import type { Command } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import { shownUrl } from '../registration/callback-url.ts';
import type { Registered } from '../registration/registrar.ts';
import { addExample, addFileOption, type Cli, type FileOption, feedArgument, reasonArgument } from './cli.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';

interface Options extends FileOption {
  readonly reason: string;
}

const words: Readonly<Record<Registered['change'], string>> = {
  created: 'registered',
  found: 'was registered already, and has the present secret now',
  updated: 'was registered, and has the present URL and secret now',
  renewed: 'registration renewed',
  lost: 'the upstream had lost it; registered again',
  kept: 'is registered',
  withdrawn: 'is registered no more; it stays so until it is registered again',
};

function said(feed: FeedName, { change, id }: Registered): string {
  return `${feed}  ${words[change]}${id === '' ? '' : ` (${id})`}`;
}

/** Every path that senders have to know, with its whole URL. */
function urlLines({ pipelines, publicUrl, listen }: Configuration): readonly string[] {
  const { hooks } = listen;
  const base = publicUrl ?? (hooks && `http${hooks.tls ? 's' : ''}://${hooks.host}:${hooks.port}`) ?? '';
  return pipelines.flatMap(({ name, feeds }) =>
    feeds.flatMap(({ name: feed, arrival }) => {
      if (arrival.kind !== 'webhook') return [];
      const how = arrival.registration === undefined ? 'by hand' : 'registered by itself';
      return [`${name}/${feed}  ${shownUrl(base, arrival)}  (${how})`];
    }),
  );
}

/** `register`, `unregister` and `urls`: what upstreams are told, and by whom. */
export function addRegister(program: Command, cli: Cli): void {
  const add = (name: 'register' | 'unregister', description: string) => {
    const command = program
      .command(name)
      .description(description)
      .argument('<feed>', 'pipeline/feed', feedArgument)
      .option('--reason <text>', 'why, for the audit log', reasonArgument, 'none given')
      .action(async (feed: FeedName, options: Options) => {
        const configuration = await readConfiguration(cli, options.config);
        if (configuration === undefined) return;
        cli.subject = feed;
        await withOperations(cli, configuration, async (operations) => {
          cli.print(said(feed, await operations[name](feed, options.reason)));
        });
      });
    addExample(addFileOption(command), `${name} os1/callbacks`);
  };
  add('register', 'tell an upstream where to send webhooks; does nothing where it knows');
  add('unregister', 'have an upstream send no more webhooks, until `register`');
  const urls = program
    .command('urls')
    .description('show what senders of webhooks have to call')
    .action(async ({ config }: FileOption) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      const lines = urlLines(configuration);
      for (const line of lines) cli.print(line);
      if (lines.length === 0) cli.remark('no pipeline takes webhooks');
      else if (configuration.publicUrl === undefined) {
        cli.remark('publicUrl is not set: these are the addresses of the listener itself');
      }
    });
  addExample(addFileOption(urls), 'urls -c config/os1.yaml');
}

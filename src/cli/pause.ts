import type { Command } from 'commander';
import type { FeedName } from '../core/batch.ts';
import { addExample, addFileOption, type Cli, type FileOption, feedArgument, reasonArgument } from './cli.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';

interface Options extends FileOption {
  readonly reason: string;
}

/** `pause` and `resume`: they are each other's way back. */
export function addPauseAndResume(program: Command, cli: Cli): void {
  const add = (name: 'pause' | 'resume', description: string, done: string) => {
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
          await operations[name](feed, options.reason);
          cli.print(`${feed}  ${done}`);
        });
      });
    addExample(addFileOption(command), `${name} fenergo/journey --reason "maintenance of the CRM"`);
  };
  add('pause', 'stop taking events from a feed, also across restarts', 'paused; it stays so until it is resumed');
  add('resume', 'end a pause, or a halt before its next probe', 'resumed');
}

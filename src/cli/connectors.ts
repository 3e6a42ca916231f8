import type { Command } from 'commander';
import { addExample, type Cli } from './cli.ts';
import { table } from './table.ts';

export function addConnectors(program: Command, cli: Cli): void {
  const command = program
    .command('connectors')
    .description('list the upstream systems that a pipeline can name under `from`')
    .action(async () => {
      const { connectors } = await import('../../connectors/index.ts');
      const rows = connectors.map(({ name, summary }) => [name, summary]);
      for (const line of table(['CONNECTOR', 'CARRIES'], rows)) cli.print(line);
    });
  addExample(command, 'connectors');
}

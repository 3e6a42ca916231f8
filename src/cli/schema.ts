import type { Command } from 'commander';
import { addExample, type Cli } from './cli.ts';

export function addSchema(program: Command, cli: Cli): void {
  const command = program
    .command('schema')
    .description('print the JSON Schema of the configuration file, for editors')
    .action(async () => {
      const [{ configurationJsonSchema }, { connectors }, { sinkTypes }] = await Promise.all([
        import('../config/json-schema.ts'),
        import('../../connectors/index.ts'),
        import('../sinks/index.ts'),
      ]);
      cli.print(JSON.stringify(configurationJsonSchema(connectors, sinkTypes), null, 2));
    });
  addExample(command, 'schema > feedferry.schema.json');
}

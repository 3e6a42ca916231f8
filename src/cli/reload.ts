import type { Command } from 'commander';
import type { ReloadReport } from '../core/reload-report.ts';
import { addExample, addFileOption, type Cli, type FileOption } from './cli.ts';
import { findingCount, findingLines } from './finding-lines.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';

function linesOf({ outcome, added, changed, removed, kept }: ReloadReport): readonly string[] {
  if (outcome === 'refused') return ['nothing was applied'];
  if (outcome === 'unchanged') return ['the configuration is the same; nothing to do'];
  const named = { added, changed, removed, 'not touched': kept };
  return Object.entries(named).flatMap(([what, names]) => (names.length === 0 ? [] : [`${what}: ${names.join(', ')}`]));
}

export function addReload(program: Command, cli: Cli): void {
  const command = program
    .command('reload')
    .description('have the running daemon read its configuration again, and apply what has changed')
    .action(async ({ config }: FileOption) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, async (operations) => {
        const report = await operations.reload();
        for (const line of findingLines(report.findings)) cli.remark(line);
        for (const line of linesOf(report)) cli.print(line);
        if (report.outcome === 'applied' || report.outcome === 'unchanged') return;
        cli.remark(`${config}: ${findingCount(report.findings)}`);
        cli.exitCode = 1;
      });
    });
  addExample(addFileOption(command), 'reload -c config/fenergo.yaml');
}

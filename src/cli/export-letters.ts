import { type FileHandle, open } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError } from '../core/errors.ts';
import { addExample, addFileOption, type Cli, type FileOption } from './cli.ts';
import { addFilters, addStatus, everyLetter, type FilterOptions } from './dead-letter-filters.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';

interface Options extends FileOption, FilterOptions {
  readonly format: 'ndjson' | 'raw';
  readonly out?: string;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function chunkOf({ record, envelope, ...letter }: DeadLetter, format: Options['format']): Uint8Array {
  if (format === 'raw') return Buffer.concat([record.bytes, Buffer.from('\n')]);
  const kept = { ...record, bytes: base64(record.bytes) };
  return Buffer.from(
    `${JSON.stringify({ ...letter, record: kept, envelope: envelope === null ? null : base64(envelope) })}\n`,
  );
}

async function openNew(file: string): Promise<FileHandle> {
  return open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new BridgeError('USAGE', `cannot write ${file}: ${error.code ?? error.message}`, {
      cause: error,
      hint: 'The file must not be there yet.',
    });
  });
}

export function addExport(parent: Command, cli: Cli): void {
  const command = addStatus(
    addFilters(parent.command('export').description('write dead letters with all that is kept of them, oldest first')),
  )
    .addOption(
      new Option('--format <format>', 'ndjson: one JSON object a line, bytes in base64; raw: the original bytes alone')
        .choices(['ndjson', 'raw'])
        .default('ndjson'),
    )
    .option('--out <file>', 'to this new file, instead of standard output')
    .action(async ({ config, format, out, ...filter }: Options) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, async (operations) => {
        await using file = out === undefined ? undefined : await openNew(out);
        let count = 0;
        for await (const letter of everyLetter(operations, filter)) {
          const chunk = chunkOf(letter, format);
          if (file === undefined) cli.host.stdout.write(chunk);
          else await file.writeFile(chunk);
          count++;
        }
        await file?.sync();
        cli.remark(`${count} dead letters written${out === undefined ? '' : ` to ${out}`}`);
      });
    });
  addExample(addFileOption(command), 'dead-letters export --feed fenergo/journey --status any --out letters.ndjson');
}

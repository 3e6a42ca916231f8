import { get } from 'node:http';
import { type Command, InvalidArgumentError } from 'commander';
import { addExample, type Cli } from './cli.ts';

const timeoutMs = 3_000;

function urlArgument(value: string): string {
  if (URL.canParse(value) && new URL(value).protocol === 'http:') return value;
  throw new InvalidArgumentError('It is a URL such as http://127.0.0.1:9091/livez.');
}

/** What is wrong; undefined: the answer was a 200. Loads as little as it can: it runs every few seconds. */
function failure(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { signal: AbortSignal.timeout(timeoutMs), agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `answers ${response.statusCode}`);
    });
    request.on('error', (error: Error) => resolve(`does not answer: ${error.message}`));
  });
}

export function addProbe(program: Command, cli: Cli): void {
  const command = program
    .command('probe')
    .description('ask the health listener, for a container’s HEALTHCHECK: exit code 0 or 1')
    .option('--url <url>', 'what to get', urlArgument, 'http://127.0.0.1:9091/livez')
    .action(async ({ url }: { readonly url: string }) => {
      const because = await failure(url);
      if (because === undefined) return cli.print(`${url}  ok`);
      cli.remark(`${url}  ${because}`);
      cli.exitCode = 1;
    });
  addExample(command, 'probe --url http://127.0.0.1:9091/readyz');
}

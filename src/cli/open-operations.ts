import type { Configuration } from '../config/configuration.ts';
import { BridgeError } from '../core/errors.ts';
import type { Operations } from '../operations/operations.ts';
import type { Cli } from './cli.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';

/**
 * Runs a command's work on the state: through the daemon that holds it, else on the files themselves. A signal ends
 * what waits for an upstream, and the feed is left as it was; a second signal ends the process.
 */
export async function withOperations(
  cli: Cli,
  configuration: Configuration,
  work: (operations: Operations) => Promise<void>,
): Promise<void> {
  const interrupt = new AbortController();
  const restore = cli.host.onSignal(() => {
    restore();
    interrupt.abort();
  });
  try {
    await withOperationsUntil(cli, configuration, interrupt.signal, work);
  } finally {
    restore();
  }
}

async function withOperationsUntil(
  { host }: Cli,
  configuration: Configuration,
  signal: AbortSignal,
  work: (operations: Operations) => Promise<void>,
): Promise<void> {
  const [{ openState }, { openArchiveOf }, { createOperations }, { remoteOperations }, { createLogReporter }] =
    await Promise.all([
      import('../state/open.ts'),
      import('../archive-of.ts'),
      import('../operations/create.ts'),
      import('../operations/remote.ts'),
      import('../telemetry/logger.ts'),
    ]);
  let held: BridgeError | undefined;
  await using state = await openState({ ...configuration.state, mode: 'exclusive' }).catch((error: unknown) => {
    if (!(error instanceof BridgeError && error.code === 'STATE_LOCKED')) throw error;
    held = error;
    return undefined;
  });
  if (state === undefined) {
    const { admin } = configuration.listen;
    const remote = remoteOperations({ address: admin, token: admin.token, signal });
    return await work(remote).catch((error: unknown) => {
      if (!(error instanceof BridgeError && error.code === 'ADMIN_UNREACHABLE')) throw error;
      throw new BridgeError('ADMIN_UNREACHABLE', `${held?.message}, but ${error.message}`, { cause: error });
    });
  }
  const report = createLogReporter({ level: 'warn', pretty: host.stderr.isTTY, destination: host.stderr });
  const proxy = proxyFromEnvironment(host.env);
  await using archive = openArchiveOf(configuration, report);
  await work(createOperations({ configuration, state, archive, proxy, report, signal }));
}

import { connectors } from '../../connectors/index.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import type { AnySinkType } from '../../src/core/sink-type.ts';
import { type Daemon, startDaemon } from '../../src/daemon.ts';
import type { ProxySettings } from '../../src/http/channel.ts';
import type { Operations } from '../../src/operations/operations.ts';
import { remoteOperations } from '../../src/operations/remote.ts';
import type { Report } from '../../src/telemetry/events.ts';
import { type DaemonTiming, daemonTiming } from '../../src/timing.ts';
import { createRecorder, type Recorder } from './recorder.ts';

export interface ConfiguredDaemonOptions {
  /** Where the configuration is said to be, and its text. */
  readonly file: string;
  readonly text: string;
  /** What the file says at a reload. Default: what it said. */
  readonly present?: () => string;
  readonly sinkTypes: readonly AnySinkType[];
  /** What stands in the environment and in files, for references. */
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly proxy?: ProxySettings;
  readonly timing?: Partial<DaemonTiming>;
  /** Hears of everything too. */
  readonly report?: Report;
  /** False: nothing is remembered of what is reported, so that memory can be measured. */
  readonly record?: boolean;
}

/** A daemon in this process, with its state and its listeners. */
export interface ConfiguredDaemon {
  readonly daemon: Daemon;
  readonly recorder: Recorder;
  /** What an operator can do, over the admin listener. */
  readonly operations: Operations;
  readonly adminUrl: string;
  readonly healthUrl: string;
}

/**
 * Everything from the configuration's text on is real; rejects as `startDaemon` does, and when the text is refused.
 * `resources` stops it at once.
 */
export async function startConfigured(
  options: ConfiguredDaemonOptions,
  resources: AsyncDisposableStack,
): Promise<ConfiguredDaemon> {
  const load = (text: string) =>
    loadConfiguration({
      file: options.file,
      text,
      connectors,
      sinkTypes: options.sinkTypes,
      env: options.env ?? {},
      async readFile(path) {
        const content = options.files?.[path];
        if (content === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
        return content;
      },
    });
  const { configuration, findings } = await load(options.text);
  if (configuration === undefined) throw new Error(JSON.stringify(findings));

  const recorder = createRecorder();
  const addresses: Record<string, string> = {};
  const report: Report = (event) => {
    if (event.event === 'listener.opened') addresses[event.listener] = event.address;
    if (options.record !== false) recorder.report(event);
    options.report?.(event);
  };
  const timing = { ...daemonTiming, ...options.timing };
  const { proxy = {} } = options;
  const read = () => load(options.present?.() ?? options.text);
  const daemon = await startDaemon({ configuration, read, proxy, report, pid: process.pid, timing });
  resources.defer(async () => void (await daemon.drain('test')));

  const port = Number(addresses['admin']?.split(':').at(-1));
  const { token } = configuration.listen.admin;
  const signal = new AbortController().signal;
  return {
    daemon,
    recorder,
    operations: remoteOperations({ address: { host: '127.0.0.1', port }, token, signal }),
    adminUrl: `http://127.0.0.1:${port}`,
    healthUrl: `http://${addresses['health']}`,
  };
}

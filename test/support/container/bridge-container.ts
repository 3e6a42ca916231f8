import { setTimeout as delay } from 'node:timers/promises';
import { docker, dockerReading } from './engine.ts';

const program = ['node', '/app/dist/src/main.js'];
const configuration = '/data/feedferry.yaml';
const pollMs = 250;

export interface Inspection {
  readonly State: {
    readonly ExitCode: number;
    readonly Running: boolean;
    readonly Health?: { readonly Status: string };
  };
}

/** `feedferry run` in a container that can write nothing but its volume, and reach nothing but itself. */
export interface BridgeContainer extends AsyncDisposable {
  /** Runs a program in the container, to its end. */
  exec(...command: readonly string[]): Promise<string>;
  /** Runs a command of feedferry in the container, to its end. */
  feedferry(...args: readonly string[]): Promise<string>;
  /** Starts a simulated Fenergo platform in the container, on the port of `simulatedPlatform`. */
  startSimulator(...args: readonly string[]): Promise<void>;
  inspect(): Promise<Inspection>;
  log(): Promise<string>;
  /** Sends a SIGTERM, and resolves when the container has ended. */
  stop(): Promise<Inspection>;
}

/** Writes a configuration to a volume, for `runBridge`. */
export async function writeConfiguration(image: string, volume: string, text: string): Promise<void> {
  const write = `require('node:fs').writeFileSync('${configuration}', require('node:fs').readFileSync(0))`;
  const run = ['run', '--rm', '--interactive', '--network=none', `--volume=${volume}:/data`, '--entrypoint=node'];
  await dockerReading(text, ...run, image, '--eval', write);
}

export async function runBridge(image: string, volume: string): Promise<BridgeContainer> {
  const locked = ['--read-only', '--network=none', '--cap-drop=ALL', '--security-opt=no-new-privileges'];
  const run = ['run', '--detach', ...locked, `--volume=${volume}:/data`, image, 'run', '-c', configuration];
  const id = await docker(...run);
  const inspect = async (): Promise<Inspection> => JSON.parse(await docker('inspect', id))[0];
  return {
    exec: (...command) => docker('exec', id, ...command),
    feedferry: (...args) => docker('exec', id, ...program, ...args),
    async startSimulator(...args) {
      await docker('exec', '--detach', id, ...program, 'sim', 'fenergo', '--port=8099', ...args);
    },
    inspect,
    log: () => docker('logs', id),
    async stop() {
      await docker('kill', '--signal=TERM', id);
      for (;;) {
        const inspection = await inspect();
        if (!inspection.State.Running) return inspection;
        await delay(pollMs);
      }
    },
    async [Symbol.asyncDispose]() {
      await docker('rm', '--force', id);
    },
  };
}

import { docker, dockerReading } from './engine.ts';

const program = ['node', '/app/dist/src/main.js'];
const configuration = '/data/feedferry.yaml';

/** `feedferry run` in a container that can write nothing but its volume, and reach nothing but itself. */
export interface BridgeContainer extends AsyncDisposable {
  /** Runs a program in the container, to its end. */
  exec(...command: readonly string[]): Promise<string>;
  /** Runs a command of feedferry in the container, to its end. */
  feedferry(...args: readonly string[]): Promise<string>;
  /** Starts a simulated Fenergo platform in the container, on port 8099. */
  startSimulator(...args: readonly string[]): Promise<void>;
  /** As the engine sees it: starting, healthy, unhealthy. */
  health(): Promise<string>;
  log(): Promise<string>;
  /** Sends a SIGTERM, and resolves with the exit code when the container has ended. */
  stop(): Promise<number>;
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
  return {
    exec: (...command) => docker('exec', id, ...command),
    feedferry: (...args) => docker('exec', id, ...program, ...args),
    async startSimulator(...args) {
      await docker('exec', '--detach', id, ...program, 'sim', 'fenergo', '--port=8099', ...args);
    },
    health: () => docker('inspect', '--format={{.State.Health.Status}}', id),
    log: () => docker('logs', id),
    async stop() {
      await docker('kill', '--signal=TERM', id);
      return Number(await docker('wait', id));
    },
    async [Symbol.asyncDispose]() {
      await docker('rm', '--force', '--volumes', id);
    },
  };
}

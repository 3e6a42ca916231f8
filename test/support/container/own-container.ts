import { type BrokerImage, pinnedImage } from './pinned-image.ts';

/** A broker in a container, to be killed and frozen. It listens on the network of this machine. */
export interface OwnContainer {
  /** SIGKILL, and wait for the end. */
  kill9(): Promise<void>;
  /** Stops answering, keeps its connections. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Kills it where it still runs, and starts it again with the same files. */
  restart(): Promise<void>;
  /** Runs a command in it; gives what it printed, rejects when it fails. */
  exec(...command: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface ContainerOptions {
  readonly image: BrokerImage;
  readonly environment?: Readonly<Record<string, string>>;
  /** Content by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Printed when it is up. */
  readonly up: RegExp;
}

/** Starts the pinned image. Rejects quickly where no engine answers. */
export async function startOwnContainer({
  image,
  environment = {},
  files = {},
  up,
}: ContainerOptions): Promise<OwnContainer> {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const engine = await getContainerRuntimeClient();
  const started = await new GenericContainer(await pinnedImage(image))
    .withNetworkMode('host')
    .withEnvironment({ ...environment })
    .withCopyContentToContainer(Object.entries(files).map(([target, content]) => ({ target, content, mode: 0o644 })))
    .withWaitStrategy(Wait.forLogMessage(up))
    .withStartupTimeout(60_000)
    .start();
  const container = engine.container.getById(started.getId());
  let frozen = false;
  let thawing: Promise<unknown> = Promise.resolve();

  function thaw() {
    if (!frozen) return;
    frozen = false;
    thawing = container.unpause();
  }

  async function kill9() {
    thaw();
    await thawing;
    const { State } = await container.inspect();
    if (!State.Running) return;
    await container.kill({ signal: 'SIGKILL' });
    await container.wait();
  }

  return {
    kill9,
    async freeze() {
      await thawing;
      await container.pause();
      frozen = true;
    },
    thaw,
    async restart() {
      await kill9();
      await started.restart();
    },
    async exec(...command) {
      const { exitCode, output } = await started.exec([...command]);
      if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${exitCode} ${output}`);
      return output;
    },
    async stop() {
      await kill9();
      await started.stop();
    },
  };
}

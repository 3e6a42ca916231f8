import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that tests read with: in no language of ours, so that it shares no fault with us. */
export interface Tool {
  /** Gives what it prints; rejects when it fails or takes more than a minute. */
  run(...args: readonly string[]): Promise<Buffer>;
}

/** Rejects with what to install where `command` with the arguments of `probe` does not work. */
export async function findTool(command: string, probe: readonly string[], debianPackage: string): Promise<Tool> {
  const tool: Tool = {
    async run(...args) {
      const { stdout } = await run(command, args, { encoding: 'buffer', maxBuffer: 256 * 1024 ** 2, timeout: 60_000 });
      return stdout;
    },
  };
  try {
    await tool.run(...probe);
  } catch {
    throw new Error(`${debianPackage} is not installed (Debian: apt-get install ${debianPackage})`);
  }
  return tool;
}

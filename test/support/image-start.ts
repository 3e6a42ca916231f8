import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const dockerfile = join(import.meta.dirname, '../../Dockerfile');

/** How the image starts the bridge. */
export interface ImageStart {
  /** What stands between `node` and the script. */
  readonly nodeOptions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function imageStart(): ImageStart {
  const text = readFileSync(dockerfile, 'utf8');
  const [, entryPoint = '[]'] = /^ENTRYPOINT (.*)$/m.exec(text) ?? [];
  const env = Array.from(text.matchAll(/^ENV (\w+)=(\S+)$/gm), ([, name = '', value = '']) => [name, value] as const);
  return { nodeOptions: (JSON.parse(entryPoint) as string[]).slice(1, -1), env: Object.fromEntries(env) };
}

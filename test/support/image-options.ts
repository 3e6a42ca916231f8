import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const dockerfile = join(import.meta.dirname, '../../Dockerfile');

/** The Node.js options that the image starts the bridge with: what stands between `node` and the script. */
export function imageOptions(): readonly string[] {
  const [, entryPoint = '[]'] = /^ENTRYPOINT (.*)$/m.exec(readFileSync(dockerfile, 'utf8')) ?? [];
  return (JSON.parse(entryPoint) as string[]).slice(1, -1);
}

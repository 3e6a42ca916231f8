import { registerHooks } from 'node:module';

/*
 * Loaded into the bridge before its own code (`node --import`): an archive that keeps nothing, and starts no thread, in place
 * of the one it has. No setting can do that.
 */

const archive = `{
  receipts: { published() {}, completed() {} },
  raw: { keep() {} },
  async prune() {},
  async [Symbol.asyncDispose]() {},
}`;

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('/dist/src/archive-of.js')) return nextLoad(url, context);
    const source = `export const openArchiveOf = () => (${archive});`;
    return { format: 'module', source, shortCircuit: true };
  },
});

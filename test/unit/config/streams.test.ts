import { describe, expect, it } from 'vitest';
import { load } from '../config-examples/load.ts';

function file(more: { readonly from?: string; readonly pipeline?: string; readonly spool?: string }): string {
  return `
version: 1
state: { dir: ./state, spool: { maxBytes: ${more.spool ?? '64MiB'} } }
brokers: { out: { type: log, dir: ./events } }
pipelines:
  gini:
    from: { connector: gini, account: acme${more.from ?? ''} }
    to: { broker: out }
    ${more.pipeline ?? ''}
`;
}

async function refused(more: Parameters<typeof file>[0]): Promise<readonly string[]> {
  const { findings } = await load(file(more));
  return findings.map((finding) => JSON.stringify(finding));
}

describe('a pipeline that reads a stream', () => {
  it('is spooled without being told so', async () => {
    const { configuration } = await load(file({}));
    expect(configuration?.pipelines).toMatchObject([{ ack: 'spool' }]);
    expect(await refused({ pipeline: 'ack: spool' })).toEqual([]);
  });

  it('cannot wait for the broker', async () => {
    expect(await refused({ pipeline: 'ack: broker' })).toEqual([expect.stringContaining('Remove `ack: broker`')]);
  });

  it('needs a spool that its largest event fits', async () => {
    expect(await refused({ from: ', maxEvent: 40MiB' })).toEqual([expect.stringContaining('Give it 80MiB at least')]);
    expect(await refused({ from: ', maxEvent: 32MiB' })).toEqual([]);
    expect(await refused({ spool: '512KiB' })).toEqual([expect.stringContaining('Give it 1MiB at least')]);
  });

  it('cannot show a token in the query that it has not, nor wait at least for longer than at most', async () => {
    expect(await refused({ from: ', tokenIn: query' })).toEqual([expect.stringContaining('needs a token')]);
    expect(await refused({ from: ', retry: { min: 2m }' })).toEqual([expect.stringContaining('longer than retry.max')]);
  });
});

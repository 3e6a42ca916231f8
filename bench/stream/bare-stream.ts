import { Pool } from 'undici';

export interface StreamedEvent {
  readonly id: string;
  readonly key: string;
  readonly body: string;
}

/**
 * What somebody would write in an hour: blocks between empty lines, JSON.parse for the key, into the store as fast as that
 * takes them. No envelope, nothing that survives an end, no bounds, no other line ends than line feeds. The baseline of
 * the benchmark of streams. `put` gives back a promise while nothing more is to come.
 */
export async function bareStream(
  baseUrl: string,
  put: (event: StreamedEvent) => Promise<unknown> | undefined,
): Promise<void> {
  const pool = new Pool(baseUrl, { bodyTimeout: 0 });
  process.once('SIGTERM', () => process.exit());
  const { body } = await pool.request({ method: 'GET', path: '/', headers: { accept: 'text/event-stream' } });
  console.log('ready');
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      let id = '';
      const data: string[] = [];
      for (const line of block.split('\n')) {
        if (line.startsWith('id: ')) id = line.slice(4);
        else if (line.startsWith('data: ')) data.push(line.slice(6));
      }
      const text = data.join('\n');
      const { key } = JSON.parse(text) as { readonly key: string };
      const full = put({ id, key, body: text });
      if (full) await full;
    }
  }
}

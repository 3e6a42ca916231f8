import { findTool, type Tool } from '../tool.ts';

/** A record as kcat, a reader in C, finds it. */
export interface KcatRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer;
  readonly value: Buffer;
  /** In their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Rejects where it is not installed. */
export function findKcat(): Promise<Tool> {
  return findTool('kcat', ['-V'], 'kcat');
}

const lineFeed = 0x0a;

/** Takes `partition offset keyLength valueLength LF key value LF`, again and again. A length of -1 is a null. */
function parseSized(printed: Buffer): readonly Omit<KcatRecord, 'headers'>[] {
  const records: Omit<KcatRecord, 'headers'>[] = [];
  for (let at = 0; at < printed.length; ) {
    const head = printed.indexOf(lineFeed, at);
    const [partition = 0, offset = 0, keyLength = 0, valueLength = 0] = printed
      .subarray(at, head)
      .toString()
      .split(' ')
      .map(Number);
    if (keyLength < 0 || valueLength < 0) throw new Error(`record ${partition}/${offset} has a null`);
    const value = head + 1 + keyLength;
    const end = value + valueLength;
    records.push({ partition, offset, key: printed.subarray(head + 1, value), value: printed.subarray(value, end) });
    at = end + 1;
  }
  return records;
}

interface JsonRecord {
  readonly partition: number;
  readonly offset: number;
  /** Names and values in turns. */
  readonly headers?: readonly string[];
}

function pairs(flat: readonly string[]): readonly (readonly [string, string])[] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : []));
}

/** Everything that is in a topic, by partition and offset. Rejects where a key or a value is null. */
export async function readWithKcat(kcat: Tool, bootstrap: string, topic: string): Promise<readonly KcatRecord[]> {
  const consume = ['-C', '-q', '-e', '-b', bootstrap, '-t', topic, '-o', 'beginning'];
  const records = parseSized(await kcat.run(...consume, '-f', '%p %o %K %S\n%k%s\n'));
  // Headers come apart only in JSON, which has no room for the bytes of a value.
  const lines = (await kcat.run(...consume, '-J')).toString().split('\n');
  const json = lines.filter((line) => line !== '').map((line): JsonRecord => JSON.parse(line));
  const headers = new Map(json.map(({ partition, offset, headers: flat = [] }) => [`${partition}/${offset}`, flat]));
  return records
    .map((record) => ({ ...record, headers: pairs(headers.get(`${record.partition}/${record.offset}`) ?? []) }))
    .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}

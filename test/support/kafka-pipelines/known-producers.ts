import { Connection, describeProducersV0 } from '@platformatic/kafka';

/** How many producers the broker remembers for partition 0 of these topics. */
export async function knownProducers(bootstrap: string, topics: readonly string[]): Promise<number> {
  const [host = '', port] = bootstrap.split(':');
  const connection = new Connection('observer');
  await connection.connect(host, Number(port));
  try {
    const asked = topics.map((name) => ({ name, partitionIndexes: [0] }));
    const { topics: found } = await describeProducersV0.api.async(connection, asked);
    return found.flatMap(({ partitions }) => partitions.flatMap(({ activeProducers }) => activeProducers)).length;
  } finally {
    await connection.close();
  }
}

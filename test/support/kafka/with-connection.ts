import { Connection } from '@platformatic/kafka';

/** One connection for requests that the clients have no call for. `bootstrap`: `host:port`, without credentials. */
export async function withConnection<Result>(
  bootstrap: string,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const [host = '', port = ''] = bootstrap.split(':');
  const connection = new Connection('test');
  await connection.connect(host, Number(port));
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

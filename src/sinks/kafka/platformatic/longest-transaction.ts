import { ConfigResourceTypes, type Connection, type describeConfigsV4 } from '@platformatic/kafka';
import { askWithin } from './ask-connection.ts';
import type { AnyProducer } from './call.ts';

const setting = 'transaction.max.timeout.ms';

/** In milliseconds; undefined where we may not ask. Rejects with the errors of the client. */
export async function longestTransaction(
  producer: AnyProducer,
  connection: Connection,
  node: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const ask = askWithin(producer, signal);
  type Request = describeConfigsV4.DescribeConfigsRequest;
  const resource = {
    resourceType: ConfigResourceTypes.BROKER,
    resourceName: String(node),
    configurationKeys: [setting],
  };
  const request: Request = [[resource], false, false];
  const { results } = await ask<Request, describeConfigsV4.DescribeConfigsResponse>(
    connection,
    'DescribeConfigs',
    ...request,
  );
  const value = results[0]?.configs.find(({ name }) => name === setting)?.value;
  return value ? Number(value) : undefined;
}

import { alterClientQuotasV1 } from '@platformatic/kafka';
import { withConnection } from './with-connection.ts';

/** How many bytes a second each client may write, whatever its name; undefined: as many as it likes. */
export async function setProduceQuota(bootstrap: string, bytesPerSecond: number | undefined): Promise<void> {
  const key = 'producer_byte_rate';
  const op =
    bytesPerSecond === undefined
      ? ({ key, remove: true } as const)
      : ({ key, value: bytesPerSecond, remove: false } as const);
  // No name stands for all that have none of their own.
  const entities = [{ entityType: 'client-id', entityName: null } as const];
  await withConnection(bootstrap, (connection) =>
    alterClientQuotasV1.api.async(connection, [{ entities, ops: [op] }], false),
  );
}

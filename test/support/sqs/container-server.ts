import { closedPort } from '../closed-port.ts';
import { startOwnContainer } from '../container/own-container.ts';
import type { OwnElasticMq } from './elasticmq.ts';
import { elasticMqSettings } from './elasticmq-settings.ts';

/** Starts the pinned image on the network of this machine, listening on loopback only. Rejects quickly where no engine answers. */
export async function startContainerElasticMq(): Promise<OwnElasticMq> {
  const port = await closedPort();
  const { freeze, thaw, stop } = await startOwnContainer({
    image: 'elasticmq',
    files: { '/opt/elasticmq.conf': elasticMqSettings(port) },
    up: /ElasticMQ server .* started/,
  });
  return { endpoint: `http://127.0.0.1:${port}`, freeze, thaw, stop };
}

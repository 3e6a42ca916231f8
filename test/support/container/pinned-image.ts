import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Brokers of which there is an image: a folder of test/support/images each. */
export type BrokerImage = 'kafka' | 'rabbitmq' | 'elasticmq';

export const imagesDir = join(import.meta.dirname, '..', 'images');

/** The image that its Dockerfile names, with an exact version. The Dockerfile is there so that updates are proposed by machines. */
export async function pinnedImage(broker: BrokerImage): Promise<string> {
  const text = await readFile(join(imagesDir, broker, 'Dockerfile'), 'utf8');
  const image = /^FROM ([\w./-]+:\d+\.\d+\.\d+(?:-[\w.]+)?(?:@sha256:[0-9a-f]{64})?)\n$/.exec(text)?.[1];
  if (image === undefined) throw new Error(`the Dockerfile of ${broker} is not one line with an image and its version`);
  return image;
}

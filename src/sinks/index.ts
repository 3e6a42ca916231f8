import type { AnySinkType } from '../core/sink-type.ts';
import { kafkaSinkType } from './kafka/index.ts';
import { logSinkType } from './log/index.ts';
import { rabbitmqSinkType } from './rabbitmq/index.ts';
import { sqsSinkType } from './sqs/index.ts';

/** Every kind of broker. Client libraries are loaded when a sink is opened. */
export const sinkTypes: readonly AnySinkType[] = [logSinkType, kafkaSinkType, rabbitmqSinkType, sqsSinkType];

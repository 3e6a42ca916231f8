import { type Admin, Kafka, type Producer } from 'kafkajs';
import { BridgeError, type ErrorCode } from '../../../core/errors.ts';
import type { KafkaBroker } from '../config.ts';
import type { Tokens } from '../tokens.ts';
import { classify } from './classify.ts';
import { bootstrapHosts, clientOptions, producerOptions } from './options.ts';
import { createSockets } from './sockets.ts';

/** The library with its connections. Nothing is connected before it is told to. */
export interface OpenKafka {
  producer(): Producer;
  admin(): Admin;
  /** Any error of the two, in our words. Total. */
  classify(error: unknown, where: string): BridgeError;
  /** Drops all connections, with what is under way. */
  close(): Promise<void>;
}

/** How a client gets in, and where. */
export interface Access {
  readonly broker: KafkaBroker;
  readonly brokerName: string;
  /** For mechanisms that want some. */
  readonly tokens: Tokens | undefined;
}

/**
 * `seed`: which bootstrap server to ask first, counted round and round. The library itself would go on to another one
 * only when a connection is refused, and not when nobody answers. `requestMs`: longest wait for an answer.
 */
export function openKafka({ broker, tokens }: Access, seed: number, requestMs?: number): OpenKafka {
  const { brokers, hosts } = bootstrapHosts(broker);
  const first = seed % brokers.length;
  const sockets = createSockets(hosts);
  let timedOut = false;
  const kafka = new Kafka({
    ...clientOptions(broker, tokens, requestMs),
    brokers: [...brokers.slice(first), ...brokers.slice(0, first)],
    socketFactory: sockets.factory,
  });

  /** What went wrong with the connection itself. */
  function trouble(): ErrorCode | undefined {
    if (timedOut) return 'BROKER_TIMEOUT';
    return sockets.lost() > 0 ? 'BROKER_UNREACHABLE' : undefined;
  }

  return {
    producer() {
      const producer = kafka.producer(producerOptions);
      producer.on('producer.network.request_timeout', () => {
        timedOut = true;
      });
      return producer;
    },
    admin() {
      const admin = kafka.admin();
      admin.on('admin.network.request_timeout', () => {
        timedOut = true;
      });
      return admin;
    },
    classify(error, where) {
      const found = classify(error, where);
      // Whatever goes wrong during the handshake, the library calls it a refusal of the credentials.
      const code = found.code === 'BROKER_AUTH_REFUSED' ? trouble() : undefined;
      return code ? new BridgeError(code, found.message, { cause: error }) : found;
    },
    close: sockets.close,
  };
}

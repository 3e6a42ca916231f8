import { registerHooks } from 'node:module';

/** Publishes one event, closes the sink, and says which client libraries have been loaded. Then nothing should keep it. */
const [client = '', bootstrap = '', topic = ''] = process.argv.slice(2);
const libraries = { platformatic: '/node_modules/@platformatic/kafka/', kafkajs: '/node_modules/kafkajs/' };
const loaded = new Set<string>();

registerHooks({
  load(url, context, nextLoad) {
    for (const [name, path] of Object.entries(libraries)) if (url.includes(path)) loaded.add(name);
    return nextLoad(url, context);
  },
});

const { kafkaSinkType } = await import('../../../src/sinks/kafka/index.ts');
const { createEnvelope } = await import('../../../src/core/envelope.ts');
const broker = kafkaSinkType.broker.parse({ type: 'kafka', client, bootstrap: [bootstrap] });
const destination = kafkaSinkType.destination.parse({ broker: 'kafka', topic });
const context = { pipeline: 'test', brokerName: 'kafka', baseDir: '/' };
const sink = await kafkaSinkType.open(broker, destination, context);
const attributes = { specversion: '1.0', id: '1', source: '/test', type: 'tested', partitionkey: 'key' } as const;
const envelope = createEnvelope(
  { ...attributes, datacontenttype: 'application/json' },
  { kind: 'json', bytes: Buffer.from('{}') },
);
const [delivery] = await sink.publish([sink.route(envelope, 'test/feed')], new AbortController().signal);
await sink[Symbol.asyncDispose]();
console.log(JSON.stringify({ status: delivery?.status, loaded: [...loaded] }));

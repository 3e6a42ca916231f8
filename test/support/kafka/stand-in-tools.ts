/**
 * What `kafka-topics.sh --create` and `kafka-configs.sh --alter` do, where Kafka's own tools are not at hand. Takes the
 * options that Kafka's documentation has for them, and no others: `node stand-in-tools.ts kafka-topics.sh --create …`.
 */
import { parseArgs } from 'node:util';
import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka';

const [tool, ...args] = process.argv.slice(2);
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

function given(value: string | undefined, option: string): string {
  if (value === undefined) throw new Error(`${tool} needs ${option}`);
  return value;
}

function pair(setting: string): { name: string; value: string } {
  const [, name, value] = /^([\w.]+)=(.*)$/.exec(setting) ?? [];
  return { name: given(name, 'name=value'), value: given(value, 'name=value') };
}

async function withAdmin(server: string | undefined, work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const bootstrapBrokers = given(server, '--bootstrap-server').split(',');
  const admin = new Admin({ clientId: 'tool', bootstrapBrokers });
  await work(admin).finally(() => admin.close());
}

if (tool === 'kafka-topics.sh') {
  const options = {
    'bootstrap-server': text,
    'command-config': text,
    create: flag,
    topic: text,
    partitions: text,
    'replication-factor': text,
    config: { type: 'string', multiple: true },
  } as const;
  const { values } = parseArgs({ args, options });
  if (!values.create) throw new Error('--create is all there is here');
  await withAdmin(values['bootstrap-server'], (admin) =>
    admin.createTopics({
      topics: [given(values.topic, '--topic')],
      partitions: Number(values.partitions ?? -1),
      replicas: Number(values['replication-factor'] ?? -1),
      configs: (values.config ?? []).map(pair),
    }),
  );
} else if (tool === 'kafka-configs.sh') {
  const options = {
    'bootstrap-server': text,
    'command-config': text,
    alter: flag,
    'entity-type': text,
    'entity-name': text,
    'add-config': text,
  } as const;
  const { values } = parseArgs({ args, options });
  if (!values.alter || values['entity-type'] !== 'topics') throw new Error('--alter of topics is all there is here');
  const { name, value } = pair(given(values['add-config'], '--add-config'));
  await withAdmin(values['bootstrap-server'], (admin) =>
    admin.incrementalAlterConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: given(values['entity-name'], '--entity-name'),
          configs: [{ name, value, configOperation: IncrementalAlterConfigOperationTypes.SET }],
        },
      ],
    }),
  );
} else throw new Error(`no such tool: ${tool}`);

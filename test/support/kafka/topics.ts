import { Kafka, logLevel } from 'kafkajs';

export interface TopicSettings {
  readonly partitions?: number;
  readonly config?: Readonly<Record<string, string>>;
}

let count = 0;

/** Creates a topic with a name of its own that begins with `stem`, and gives the name. */
export async function createTopic(bootstrap: string, stem: string, settings: TopicSettings = {}): Promise<string> {
  const name = `${stem}-${process.pid}-${Date.now().toString(36)}-${count++}`;
  await createNamedTopic(bootstrap, name, settings);
  return name;
}

export async function createNamedTopic(bootstrap: string, name: string, settings: TopicSettings = {}): Promise<void> {
  const configEntries = Object.entries(settings.config ?? {}).map(([key, value]) => ({ name: key, value }));
  await withAdmin(bootstrap, async (admin) => {
    await admin.createTopics({
      topics: [{ topic: name, numPartitions: settings.partitions ?? 1, replicationFactor: 1, configEntries }],
      waitForLeaders: true,
    });
  });
}

export async function deleteTopic(bootstrap: string, name: string): Promise<void> {
  await withAdmin(bootstrap, (admin) => admin.deleteTopics({ topics: [name] }));
}

type Admin = ReturnType<Kafka['admin']>;

async function withAdmin(bootstrap: string, work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

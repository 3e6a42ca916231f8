import kafkajs, { Kafka, logLevel } from 'kafkajs';

const { AclOperationTypes: operations, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

type Operation = 'describe' | 'describeConfigs' | 'write';

const byName = {
  describe: operations.DESCRIBE,
  describeConfigs: operations.DESCRIBE_CONFIGS,
  write: operations.WRITE,
} as const;

/** From now on, nobody may do anything with the topic but this. */
export async function allowOnly(bootstrap: string, topic: string, allowed: readonly Operation[]): Promise<void> {
  const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const rule = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    host: '*',
  };
  // Where a rule allows something to somebody, all else is forbidden.
  const nobody = {
    ...rule,
    principal: 'User:nobody',
    operation: operations.ALL,
    permissionType: AclPermissionTypes.ALLOW,
  };
  const everybody = allowed.map((operation) => ({
    ...rule,
    principal: 'User:*',
    operation: byName[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }));
  try {
    await admin.createAcls({ acl: [nobody, ...everybody] });
  } finally {
    await admin.disconnect();
  }
}

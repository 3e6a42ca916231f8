/** The client libraries that the sink can use: every promise holds with each. */
export const clients = ['platformatic', 'kafkajs'] as const;

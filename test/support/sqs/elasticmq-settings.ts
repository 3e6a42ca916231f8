/** What ElasticMQ reads at its start: the limits of SQS, everything in memory, on loopback only. */
export function elasticMqSettings(port: number): string {
  return `
    include classpath("application.conf")
    node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }
    rest-sqs { enabled = true, bind-port = ${port}, bind-hostname = "127.0.0.1", sqs-limits = strict }
    rest-stats { enabled = false }
    generate-node-address = false
    queues-storage { enabled = false }
    messages-storage { enabled = false }
    aws { region = eu-central-1, accountId = 000000000000 }
  `;
}

import { defineSinkType } from '../../core/sink-type.ts';
import { sqsBroker, sqsDestination } from './config.ts';

/** Amazon SQS and what speaks its protocol: `{ type: sqs, region: eu-central-1 }`. */
export const sqsSinkType = defineSinkType({
  type: 'sqs',
  broker: sqsBroker,
  destination: sqsDestination,
  async open(broker, destination, context) {
    const [{ openSqsSink }, { createAwsClient }] = await Promise.all([
      import('./sqs-sink.ts'),
      import('./aws-client.ts'),
    ]);
    return openSqsSink(broker, destination, context, createAwsClient(broker));
  },
});

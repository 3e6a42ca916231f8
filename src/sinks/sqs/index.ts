import { defineSinkType } from '../../core/sink-type.ts';
import { compileTemplate } from '../template.ts';
import { sqsBroker, sqsDestination } from './config.ts';
import { nameOfQueue } from './queue-name.ts';

/** Amazon SQS and what speaks its protocol: `{ type: sqs, region: eu-central-1 }`. */
export const sqsSinkType = defineSinkType({
  type: 'sqs',
  broker: sqsBroker,
  destination: sqsDestination,
  // The same queue may be given by name and by URL.
  place({ queue }, pipeline) {
    const template = compileTemplate(queue, pipeline);
    return {
      render: (envelope, feed) => nameOfQueue(template.render(envelope, feed)),
      renderFeed(feed) {
        const rendered = template.renderFeed(feed);
        return rendered && nameOfQueue(rendered);
      },
    };
  },
  async open(broker, destination, context) {
    const [{ openSqsSink }, { createAwsClient }, { claimsIn }] = await Promise.all([
      import('./sqs-sink.ts'),
      import('./aws-client.ts'),
      import('./claim-check.ts'),
    ]);
    const { claimCheck } = destination;
    const store = claimCheck && (await context.openClaims?.(claimCheck.store));
    const claims = claimCheck && store && claimsIn(store, claimCheck.above);
    return openSqsSink(broker, destination, context, createAwsClient(broker), claims);
  },
});

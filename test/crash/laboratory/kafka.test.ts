import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import { kafkaGround } from '../kafka-ground.ts';
import { declareCells } from './declare-cells.ts';

const suite = await ownKafkaSuite();

suite('into Kafka', ({ bootstrap }) => {
  declareCells('kafka', ({ options }) =>
    kafkaGround(bootstrap, { exactlyOnce: options.delivery !== undefined, settings: { client: 'platformatic' } }),
  );
  declareCells('kafka (kafkajs)', () => kafkaGround(bootstrap, { settings: { client: 'kafkajs' } }));
});

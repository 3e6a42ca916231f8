import { ownRabbitmqSuite } from '../../support/rabbitmq/acquire.ts';
import { rabbitmqGround } from '../rabbitmq-ground.ts';
import { declareCells } from './declare-cells.ts';

const suite = await ownRabbitmqSuite();

suite('into RabbitMQ', (broker) => declareCells('rabbitmq', () => rabbitmqGround(broker)));

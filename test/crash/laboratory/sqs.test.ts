import { ownSqsSuite } from '../../support/sqs/acquire.ts';
import { sqsGround } from '../sqs-ground.ts';
import { declareCells } from './declare-cells.ts';

const suite = await ownSqsSuite();

suite('into SQS', ({ endpoint }) => {
  declareCells('sqs', () => sqsGround(endpoint, 'standard'));
  declareCells('sqs fifo', () => sqsGround(endpoint, 'FIFO'));
});

import { test } from 'vitest';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import { full } from './scale.ts';
import { sqsGround } from './sqs-ground.ts';
import { killWapi } from './wapi-kills.ts';

const kills = full ? 20 : 3;
const events = full ? 2_000 : 200;

const suite = await ownSqsSuite();

suite('a bridge from WAPI to SQS', ({ endpoint }) => {
  test(`${kills} kills lose, reorder and mark nothing wrongly, and poison blocks nothing`, {
    timeout: 600_000,
  }, async () => {
    await killWapi('wapi, sqs, FIFO', await sqsGround(endpoint, 'FIFO'), events, kills);
  });
});

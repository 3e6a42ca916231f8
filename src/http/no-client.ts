import { BridgeError } from '../core/errors.ts';
import type { HttpClient } from '../core/http.ts';

/** Stands for the upstream of a feed that is sent to and says nowhere whom to ask: rejects with FEED_NOT_CAPABLE. */
export const noClient: HttpClient = {
  async send() {
    throw new BridgeError('FEED_NOT_CAPABLE', 'the pipeline does not say where its upstream could be asked');
  },
  async [Symbol.asyncDispose]() {},
};

import type { BridgeError } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import { failureOf } from './response-failure.ts';
import { compileResponses } from './response-policy.ts';

const usual = compileResponses();

/**
 * The error that an answer means which nobody has another use for, by its status. `what` was asked, as in `GET …/next`.
 * The message holds it, the status and the beginning of the body, and never a header.
 */
export function classifyStatus(response: HttpResponse, what: string): BridgeError {
  return failureOf(usual.judge(response).treatment, response, what);
}

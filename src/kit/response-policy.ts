import type { HttpResponse } from '../core/http.ts';
import type { ResponseRule, Treatment } from '../core/response-policy.ts';
import { compileCondition } from './response-condition.ts';
import { failureOf } from './response-failure.ts';
import { lookAt } from './response-view.ts';

/** What is true of most upstreams, after what is said of one in particular. */
export const usualRules: readonly ResponseRule[] = [
  { when: { status: ['429'] }, treat: 'rate-limited' },
  { when: { status: ['401', '403'] }, treat: 'auth' },
  { when: { status: ['5xx', '408', '425'] }, treat: 'retry' },
  { when: { status: ['2xx'] }, treat: 'ok' },
  { when: {}, treat: 'fatal' },
];

export interface Verdict {
  readonly treatment: Treatment;
  readonly says: string | undefined;
}

export interface ResponsePolicy {
  judge(response: HttpResponse): Verdict;
  /** The same, where only these two are no failure. `what` was asked, as in `GET …/next`. Throws. */
  read(response: HttpResponse, what: string): 'ok' | 'empty';
}

/** Of a success nothing is quoted: it may hold what people should not see in a log. Web pages are another matter. */
function unquotable({ status, headers }: HttpResponse): string | undefined {
  const isPage = headers['content-type']?.startsWith('text/html') ?? false;
  return status >= 200 && status < 300 && !isPage ? 'by a rule for such answers, it is a failure' : undefined;
}

/** The one place where rules are put to use; the usual ones come after those given. */
export function compileResponses(rules: readonly ResponseRule[] = []): ResponsePolicy {
  const compiled = [...rules, ...usualRules].map(({ when, treat, says }) => ({
    fits: compileCondition(when),
    verdict: { treatment: treat, says },
  }));
  const judge = (response: HttpResponse): Verdict => {
    const view = lookAt(response);
    const rule = compiled.find(({ fits }) => fits(view));
    return rule?.verdict ?? { treatment: 'fatal', says: undefined };
  };
  return {
    judge,
    read(response, what) {
      const { treatment, says } = judge(response);
      if (treatment === 'ok' || treatment === 'empty') return treatment;
      throw failureOf(treatment, response, what, says ?? unquotable(response));
    },
  };
}

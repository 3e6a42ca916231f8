import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JobUpstream, json, startJobUpstream } from '../../support/requests/job-upstream.ts';
import {
  makeRequestingHome,
  type RequestingHome,
  request,
  sendStatus,
} from '../../support/requests/requesting-home.ts';

interface Asked {
  readonly webhookUrl: string;
  readonly webhookStatuses: readonly string[];
}

let resources: AsyncDisposableStack;
let upstream: JobUpstream;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  upstream = resources.use(
    await startJobUpstream((_arrived, response) => json(response, 201, { sessionId: 'S-1', state: 'new' })),
  );
});
afterEach(() => resources.disposeAsync());

async function homeWith(sessions: Readonly<Record<string, unknown>> = {}): Promise<RequestingHome> {
  return resources.use(await makeRequestingHome({ upstream: upstream.url, sessions }));
}

function asked(): Asked {
  return JSON.parse(upstream.arrived[0]?.body ?? '') as Asked;
}

/** As an API that does not keep the query of a URL. */
function bare({ webhookUrl }: Asked): string {
  return webhookUrl.split('?')[0] ?? '';
}

const said = async (home: RequestingHome) =>
  (await home.stored('said')).map(({ type, subject }) => `${type.replace('dev.feedferry.', '')} ${String(subject)}`);

describe('a session request through the bridge', () => {
  it('gets webhook and statuses put in, and what is said of its session carries its correlation id', async () => {
    const home = await homeWith();
    await home.start();
    const answer = await request(
      `${home.requestsUrl}/sessions/sessions`,
      { subject: 'x' },
      { 'x-correlation-id': 'c-1' },
    );
    expect([answer.status, await answer.json()]).toEqual([201, { sessionId: 'S-1', state: 'new' }]);
    expect(asked()).toMatchObject({
      subject: 'x',
      webhookUrl: expect.stringMatching(/\/hooks\/s\?feedferry-request=[0-9a-f]{32}$/),
      webhookStatuses: ['JsonDataReady', 'ReportReady', 'AllDone', 'Failed'],
    });
    // By the id of the session too, where the query is lost.
    expect(await sendStatus(bare(asked()), { sessionId: 'S-1', status: 'JsonDataReady' })).toBe(200);
    expect(await sendStatus(asked().webhookUrl, { sessionId: 'S-1', status: 'AllDone' })).toBe(200);
    expect((await home.stored('sessions')).map(({ correlationid }) => correlationid)).toEqual(['c-1', 'c-1']);
    await expect.poll(() => said(home)).toEqual(['request.accepted S-1', 'request.settled S-1']);
  });

  it('is known by its session when that was said to be done before the answer came, without the query', async () => {
    const home = await homeWith();
    await home.start();
    upstream.respond = async (_arrived, response) => {
      expect(await sendStatus(bare(asked()), { sessionId: 'S-2', status: 'AllDone' })).toBe(200);
      json(response, 201, { sessionId: 'S-2' });
    };
    await request(`${home.requestsUrl}/sessions/sessions`, {});
    await expect.poll(() => said(home)).toEqual(['request.accepted S-2', 'request.settled S-2']);
    await sendStatus(bare(asked()), { sessionId: 'S-2', status: 'Archived' });
    const [, late] = await home.stored('sessions');
    expect(late?.['correlationid']).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a session', () => {
  it('that does not end in time is said to be stalled, whoever has begun it, and across a restart', async () => {
    const home = await homeWith({ stalledAfter: '400ms' });
    await home.start();
    await request(`${home.requestsUrl}/sessions/sessions`, {});
    await sendStatus(bare(asked()), { sessionId: 'S-9', status: 'ReportReady' });
    await sendStatus(bare(asked()), { sessionId: 'S-8', status: 'Failed' });
    await home.stop();
    await home.start();
    await expect
      .poll(async () => (await said(home)).toSorted())
      .toEqual(['request.accepted S-1', 'request.stalled S-1', 'stalled S-1', 'stalled S-9']);
  });

  it('tells the log alone where bridgeEvents is not set', async () => {
    const home = resources.use(
      await makeRequestingHome({
        upstream: upstream.url,
        sessions: { stalledAfter: '100ms' },
        pipeline: { bridgeEvents: undefined },
      }),
    );
    const { recorder } = await home.start();
    await request(`${home.requestsUrl}/sessions/sessions`, {});
    await expect
      .poll(() => recorder.of('request.changed').map(({ kind }) => kind))
      .toEqual(['request.accepted', 'request.stalled', 'stalled']);
    expect(await home.stored('said').catch(() => [])).toEqual([]);
  });
});

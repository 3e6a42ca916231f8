import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JobUpstream, json, startJobUpstream } from '../../support/requests/job-upstream.ts';
import { callBack, makeRequestingHome, type RequestingHome, request } from '../../support/requests/requesting-home.ts';

let resources: AsyncDisposableStack;
let upstream: JobUpstream;
let home: RequestingHome;
let edit: (text: string) => string;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  upstream = resources.use(await startJobUpstream((_arrived, response) => json(response, 202, {})));
  home = resources.use(await makeRequestingHome({ upstream: upstream.url }));
  edit = (text) => text;
});
afterEach(() => resources.disposeAsync());

function callbackUrl(): string {
  return (JSON.parse(upstream.arrived[0]?.body ?? '') as { callbackUrl: string }).callbackUrl;
}

describe('a reload', () => {
  it('changes what takes requests, and keeps what is known of those before', async () => {
    const { daemon } = await home.start({}, (text) => edit(text));
    await request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-1' });
    edit = (text) => text.replaceAll('/api"', '/v2"');
    expect(await daemon.reload('test')).toMatchObject({ outcome: 'applied' });
    await request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-2' });
    expect(upstream.arrived.map(({ target }) => target)).toEqual(['/api/containers', '/v2/containers']);
    await callBack(callbackUrl(), { eventType: 'Created', service: 'Container' });
    expect((await home.stored('os1')).map(({ correlationid }) => correlationid)).toEqual(['c-1']);
  });

  it('has a pipeline that is gone answer 503 for a moment, so that nobody takes it for a wrong path', async () => {
    const { daemon } = await home.start({}, (text) => edit(text));
    edit = (text) => text.replace('"os1":{"from"', '"renamed":{"from"');
    expect(await daemon.reload('test')).toMatchObject({ outcome: 'applied', added: ['renamed'] });
    const gone = await request(`${home.requestsUrl}/os1/containers`, {});
    expect([gone.status, gone.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await request(`${home.requestsUrl}/renamed/containers`, {})).status).toBe(202);
    expect((await request(`${home.requestsUrl}/never/containers`, {})).status).toBe(404);
  });

  it('cannot change the listener or its token', async () => {
    const { daemon } = await home.start({}, (text) => edit(text));
    edit = (text) => text.replace('the-token-of-requests', 'another-token');
    expect(await daemon.reload('test')).toMatchObject({ findings: [{ code: 'CONFIG_NEEDS_RESTART' }] });
  });
});

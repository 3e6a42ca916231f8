import { expect, it } from 'vitest';
import { lines, load } from './support.ts';

function sessions(ack = '') {
  return `version: 1
listen: { hooks: "127.0.0.1:8080" }
brokers:
  local: { type: log, dir: ./events }
pipelines:
  sessions:
    from:
      connector: async-session
      account: acme
      path: /hooks/sessions
      verify: none
      download: { baseUrl: "https://api.example.com", store: { dir: ./claims } }
    to: { broker: local, topic: sessions }
${ack}`;
}

it('a pipeline that fetches contents is acknowledged from the spool, without a word', async () => {
  const loaded = await load(sessions());
  expect(lines(loaded)).toEqual([]);
  expect(loaded.configuration?.pipelines).toMatchObject([{ ack: 'spool', archive: undefined }]);
  expect((await load(sessions('    ack: spool\n'))).configuration?.pipelines).toMatchObject([{ ack: 'spool' }]);
});

it('one that would be acknowledged by the broker is refused, and is told why', async () => {
  expect(lines(await load(sessions('    ack: broker\n')))).toEqual([
    expect.stringMatching(/14:\d+ +CONFIG_INVALID +sessions fetches contents \(download\).*cannot be acknowledged/),
  ]);
});

it('one that fetches nothing is acknowledged by the broker', async () => {
  const without = sessions().replace(/ +download:.*\n/, '');
  expect((await load(without)).configuration?.pipelines).toMatchObject([{ ack: 'broker' }]);
});

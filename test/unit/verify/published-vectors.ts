import type { Headers } from '../../../src/core/record.ts';

/** A signature as its maker has published it, with all that it was made of. */
export interface PublishedVector {
  readonly name: string;
  readonly verify: { readonly preset: string; readonly keys: readonly string[] };
  readonly headers: Headers;
  readonly body: string;
  /** Seconds since the epoch at which it was good. */
  readonly at: number;
  /** Of the header that has the signature. */
  readonly header: string;
}

const slackBody =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
  '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
  '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN' +
  '&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';

const stripeBody = `{
  "id": "evt_123",
  "object": "event",
  "account": "acct_123",
  "api_version": "2017-05-25",
  "created": 1533204620,
  "data": {
    "object": {
      "id": "cus_123",
      "object": "customer",
      "created": 123456789,
      "email": "test@stripe.com",
      "livemode": false,
      "metadata": {}
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {
    "id": "req_123",
    "idempotency_key": "idempotency-key-123"
  },
  "type": "customer.created"
}
`;

const standard = { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330' };
const standardBody = '{"test": 2432232314}';
const symmetric = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const asymmetric = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';

export const symmetricKey = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** The second half of the published secret key. */
export const publicKey = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';

export const publishedVectors: readonly PublishedVector[] = [
  {
    name: 'Standard Webhooks, v1: the symmetric signature of its libraries',
    verify: { preset: 'standard-webhooks', keys: [symmetricKey] },
    headers: { ...standard, 'webhook-signature': symmetric },
    body: standardBody,
    at: 1_614_265_330,
    header: 'webhook-signature',
  },
  {
    name: 'Standard Webhooks, v1a: the ed25519 signature of the same message',
    verify: { preset: 'standard-webhooks', keys: [publicKey] },
    headers: { ...standard, 'webhook-signature': asymmetric },
    body: standardBody,
    at: 1_614_265_330,
    header: 'webhook-signature',
  },
  {
    name: 'GitHub: the example of its documentation',
    verify: { preset: 'github', keys: ["It's a Secret to Everybody"] },
    headers: {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    body: 'Hello, World!',
    at: 0,
    header: 'x-hub-signature-256',
  },
  {
    name: 'Stripe: the event that its own libraries are tested with, with an entry of another scheme',
    verify: { preset: 'stripe', keys: ['webhook_secret'] },
    headers: {
      'stripe-signature':
        't=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef',
    },
    body: stripeBody,
    at: 1_533_204_720,
    header: 'stripe-signature',
  },
  {
    name: 'Slack: the example of its documentation',
    verify: { preset: 'slack', keys: ['8f742231b10e8888abcd99yyyzzz85a5'] },
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: slackBody,
    at: 1_531_420_618,
    header: 'x-slack-signature',
  },
];

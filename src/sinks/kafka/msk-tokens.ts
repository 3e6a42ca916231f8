import { BridgeError } from '../../core/errors.ts';
import type { TokenSource } from '../../core/token-source.ts';

export interface MskSettings {
  readonly region: string;
  readonly roleArn?: string | undefined;
}

/** As the signer gives it. `expiryTime`: milliseconds since the epoch. */
interface MskToken {
  readonly token: string;
  readonly expiryTime: number;
}

export type SignMskToken = (settings: MskSettings) => Promise<MskToken>;

/** It holds for 15 minutes at most: a minute less when the credentials that signed it do not end before. */
const marginMs = 60_000;

async function sign({ region, roleArn }: MskSettings): Promise<MskToken> {
  // Brings a good part of the AWS SDK: only who uses it pays for it.
  const signer = await import('aws-msk-iam-sasl-signer-js');
  return roleArn === undefined
    ? await signer.generateAuthToken({ region })
    : await signer.generateAuthTokenFromRole({ region, awsRoleArn: roleArn, awsRoleSessionName: 'feedferry' });
}

/** Tokens for IAM at Amazon MSK, each signed once for all that wait. `signToken` and `now`, the wall clock, are for tests. */
export function createMskTokens(
  settings: MskSettings,
  signToken: SignMskToken = sign,
  now: () => number = Date.now,
): TokenSource {
  let present: { readonly value: string; readonly staleAt: number } | undefined;
  let flight: Promise<string> | undefined;

  async function refresh(): Promise<string> {
    try {
      const { token, expiryTime } = await signToken(settings);
      const from = now();
      present = { value: token, staleAt: expiryTime - Math.min(marginMs, (expiryTime - from) / 2) };
      return token;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new BridgeError('TOKEN_UNAVAILABLE', `no access token for MSK: ${reason}`, {
        hint: 'Give the bridge AWS credentials: a role of the pod or the machine, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws.',
      });
    }
  }

  return {
    async get() {
      if (present && now() < present.staleAt) return present.value;
      flight ??= refresh().finally(() => {
        flight = undefined;
      });
      return flight;
    },
    drop() {
      present = undefined;
    },
  };
}

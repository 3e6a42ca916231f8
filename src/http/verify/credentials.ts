import { Secret } from '../../core/secret.ts';
import type { Verification } from '../../core/verification.ts';
import { type Judge, passed, refusal } from './judgement.ts';
import { compileSecrets } from './same-secret.ts';

type Of<Kind extends Verification['kind']> = Extract<Verification, { kind: Kind }>;

const basicHeader = /^basic +([A-Za-z0-9+/]+={0,2})$/i;
const bearerHeader = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** User and password are one secret, so that a wrong user takes as long as a wrong password. */
export function compileBasic({ username, passwords }: Of<'basic'>): Judge {
  const isLive = compileSecrets(passwords.map((password) => new Secret(`${username}:${password.reveal()}`)));
  const challenge = 'Basic realm="feedferry", charset="UTF-8"';
  const missing = refusal(401, 'CREDENTIALS_MISSING', 'no user and password (basic) came with it', challenge);
  const wrong = refusal(
    401,
    'CREDENTIALS_WRONG',
    `user and password are none of ${plural(passwords.length, 'pair')}`,
    challenge,
  );
  return ({ headers }) => {
    const encoded = basicHeader.exec(headers['authorization'] ?? '')?.[1];
    if (encoded === undefined) return missing;
    return isLive(Buffer.from(encoded, 'base64').toString()) ? passed : wrong;
  };
}

export function compileBearer({ header, tokens }: Of<'bearer'>): Judge {
  const isLive = compileSecrets(tokens);
  const challenge = header === undefined ? 'Bearer' : undefined;
  const place = header ?? 'authorization';
  const missing = refusal(401, 'CREDENTIALS_MISSING', `header ${place} has no token`, challenge);
  const wrong = refusal(
    401,
    'CREDENTIALS_WRONG',
    `the token in header ${place} is none of ${plural(tokens.length, 'token')}`,
    challenge,
  );
  return ({ headers }) => {
    const value = headers[place] ?? '';
    const token = header === undefined ? bearerHeader.exec(value)?.[1] : value;
    if (token === undefined || token === '') return missing;
    return isLive(token) ? passed : wrong;
  };
}

/** The path as sent, without its query: secrets are of characters that nobody percent-encodes. */
export function compileSecretPath({ secrets }: Of<'path'>): Judge {
  const isLive = compileSecrets(secrets);
  const wrong = refusal(401, 'CREDENTIALS_WRONG', `the end of the path is none of ${plural(secrets.length, 'secret')}`);
  return ({ target }) => {
    const query = target.indexOf('?');
    const path = query === -1 ? target : target.slice(0, query);
    return isLive(path.slice(path.lastIndexOf('/') + 1)) ? passed : wrong;
  };
}

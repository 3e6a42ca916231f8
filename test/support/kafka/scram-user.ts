import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { alterUserScramCredentialsV0 } from '@platformatic/kafka';
import { saslUser } from './server-properties.ts';
import { withConnection } from './with-connection.ts';

/** What a listener needs to let `saslUser` in by SCRAM, besides its mechanisms. */
export const scramLogin = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';

/** The password of `saslUser` with SCRAM, from now on. `bootstrap` wants no credentials. */
export async function setScramPassword(bootstrap: string, password: string = saslUser.password): Promise<void> {
  const { username: name } = saslUser;
  const user = (mechanism: number, bytes: number, digest: string) => {
    const salt = randomBytes(16);
    const iterations = 4096;
    return { name, mechanism, iterations, salt, saltedPassword: pbkdf2Sync(password, salt, iterations, bytes, digest) };
  };
  await withConnection(bootstrap, async (connection) => {
    // A request may name a user once.
    for (const added of [user(1, 32, 'sha256'), user(2, 64, 'sha512')]) {
      await alterUserScramCredentialsV0.api.async(connection, [], [added]);
    }
  });
}

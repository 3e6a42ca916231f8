import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Verification } from '../../core/verification.ts';
import { type Judge, passed, refusal } from './judgement.ts';

type Of<Kind extends Verification['kind']> = Extract<Verification, { kind: Kind }>;

export function compileCertificate({ sha256, commonNames }: Of<'certificate'>): Judge {
  const fingerprints = new Set(sha256);
  const names = new Set(commonNames);
  const missing = refusal(403, 'CERTIFICATE_REFUSED', 'no client certificate came with the connection');
  const wrong = refusal(403, 'CERTIFICATE_REFUSED', 'the client certificate is not on the list');
  return ({ clientCertificate: certificate }) => {
    if (certificate === undefined) return missing;
    if (fingerprints.size > 0 && !fingerprints.has(certificate.sha256)) return wrong;
    return names.size > 0 && !names.has(certificate.commonName) ? wrong : passed;
  };
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

/** Takes what `parseBlock` of the settings has let through. Mapped addresses count as those of IPv4. */
export function compileAddresses({ allow }: Of<'address'>): Judge {
  const list = new BlockList();
  for (const block of allow) {
    const [address = '', length] = block.split('/');
    if (length === undefined) list.addAddress(address, family(address));
    else list.addSubnet(address, Number(length), family(address));
  }
  const refused = refusal(403, 'ADDRESS_REFUSED', 'the address is not on the list');
  return ({ remoteAddress }) => {
    const zone = remoteAddress.indexOf('%');
    const address = zone === -1 ? remoteAddress : remoteAddress.slice(0, zone);
    if (isIP(address) === 0) return refused;
    return list.check(address, family(address)) ? passed : refused;
  };
}

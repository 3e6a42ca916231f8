import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ReceivedRequest } from '../../core/webhook.ts';

type Certificate = ReceivedRequest['clientCertificate'];

const known = new WeakMap<Socket, { readonly certificate: Certificate }>();

/** Of the sender, when the listener's authority has signed it. Looked up once for each connection. */
export function clientCertificateOf(socket: Socket): Certificate {
  if (!(socket instanceof TLSSocket)) return undefined;
  const found = known.get(socket);
  if (found !== undefined) return found.certificate;
  const certificate = read(socket);
  known.set(socket, { certificate });
  return certificate;
}

function read(socket: TLSSocket): Certificate {
  if (!socket.authorized) return undefined;
  const { fingerprint256, subject } = socket.getPeerCertificate();
  if (fingerprint256 === undefined) return undefined;
  const { CN: name = '' } = subject;
  const commonName = Array.isArray(name) ? (name[0] ?? '') : name;
  return { sha256: fingerprint256.replaceAll(':', '').toLowerCase(), commonName };
}

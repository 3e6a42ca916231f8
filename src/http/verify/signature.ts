import { BridgeError } from '../../core/errors.ts';
import type { SignatureScheme, Signer } from '../../core/verification.ts';
import type { ReceivedRequest } from '../../core/webhook.ts';
import { delimiterAfter, parseSignedText, type SignedPart, type SignedValue } from '../../kit/signed-text.ts';
import { parseSigningKey } from '../../kit/signing-key.ts';
import { type Judge, type Judgement, passed, refusal } from './judgement.ts';
import { readSignatureHeader, type SignatureHeader } from './signature-header.ts';
import { openSignatureKey, type SignatureKey } from './signature-key.ts';
import { parseTimestamp } from './timestamp.ts';

/** The settings have seen to it: this is for who makes schemes by hand. */
function unusable(what: string): BridgeError {
  return new BridgeError('CONFIG_INVALID', `verify: ${what}`);
}

function openKeys(signer: Signer): readonly SignatureKey[] {
  return signer.keys.map((secret) => {
    const key = parseSigningKey(secret.reveal(), signer);
    if (key === undefined) throw unusable(`a key for ${signer.algorithm} is not written as its format says`);
    return openSignatureKey(key, signer);
  });
}

function writeParts(parts: readonly SignedPart[], values: (name: SignedValue) => string): string {
  let text = '';
  for (const part of parts) text += 'text' in part ? part.text : values(part.value);
  return text;
}

/** The values that a request gives to a signed text, and a timestamp to judge. */
interface Reading {
  readonly timestamp: string;
  readonly id: string;
}

/** Throws CONFIG_INVALID for a scheme that cannot be used. `now`: milliseconds since the epoch. */
export function compileSignature(scheme: SignatureScheme, now: () => number): Judge {
  const { header, layout, timestamp, id, urlBase = '' } = scheme;
  const template = parseSignedText(scheme.signed);
  if (template === undefined) throw unusable('`signed` is not a template with one {body}');
  const signers = scheme.signers.map((signer) => ({ label: signer.label, keys: openKeys(signer) }));
  const namingKey = signers[0]?.keys[0];
  if (namingKey === undefined) throw unusable('there is no key');
  const idEnd = delimiterAfter(template, 'id');

  // The same key may be tried with and without a label.
  const live = new Set(scheme.signers.flatMap(({ keys }) => keys.map((secret) => secret.reveal()))).size;
  const missing = refusal(401, 'SIGNATURE_MISSING', `header ${header} is missing`);
  const wrong = refusal(
    401,
    'SIGNATURE_WRONG',
    live === 1 ? `header ${header} does not match the key` : `header ${header} matches none of ${live} keys`,
  );
  const oversized = refusal(401, 'SIGNATURE_WRONG', `header ${header} is longer than any sender makes it`);
  const timestampPlace = timestamp === undefined || 'entry' in timestamp.from ? header : timestamp.from.header;
  const undated = refusal(401, 'SIGNATURE_MISSING', `header ${timestampPlace} has no timestamp`);
  const badlyDated = refusal(401, 'SIGNATURE_WRONG', `header ${timestampPlace} has a timestamp that cannot be read`);
  const nameless = refusal(401, 'SIGNATURE_MISSING', `header ${id ?? ''} is missing`);
  const badlyNamed = refusal(
    401,
    'SIGNATURE_WRONG',
    `header ${id ?? ''} contains what ends it in the signed text: it could be read in two ways`,
  );
  const expired = refusal(
    401,
    'SIGNATURE_EXPIRED',
    `header ${timestampPlace} is further from now than ${Math.round((timestamp?.toleranceMs ?? 0) / 1_000)} s`,
  );

  function read(
    request: ReceivedRequest,
    signatures: SignatureHeader,
  ): Reading | Extract<Judgement, { kind: 'refused' }> {
    let moment = '';
    if (timestamp !== undefined) {
      const { from } = timestamp;
      const found = 'entry' in from ? signatures.entry(from.entry) : request.headers[from.header];
      if (found === undefined || found === '') return undated;
      moment = found;
    }
    if (id === undefined) return { timestamp: moment, id: '' };
    const name = request.headers[id];
    if (name === undefined || name === '') return nameless;
    return idEnd !== undefined && name.includes(idEnd) ? badlyNamed : { timestamp: moment, id: name };
  }

  return (request) => {
    const given = request.headers[header];
    if (given === undefined || given === '') return missing;
    const signatures = readSignatureHeader(given, layout);
    if (signatures === undefined) return oversized;
    const reading = read(request, signatures);
    if ('kind' in reading) return reading;
    const time = timestamp === undefined ? undefined : parseTimestamp(reading.timestamp, timestamp.unit);
    if (timestamp !== undefined && time === undefined) return badlyDated;

    const value = (name: SignedValue): string => {
      switch (name) {
        case 'timestamp':
          return reading.timestamp;
        case 'id':
          return reading.id;
        case 'method':
          return request.method;
        case 'target':
          return request.target;
        case 'url':
          return urlBase + request.target;
      }
    };
    const content = {
      before: writeParts(template.before, value),
      body: request.body,
      after: writeParts(template.after, value),
      made: new Map(),
    };
    const isSigned = signers.some(({ label, keys }) => {
      const candidates = signatures.candidates(label);
      return candidates.length > 0 && keys.some((key) => key.matches(content, candidates));
    });
    if (!isSigned) return wrong;
    if (timestamp === undefined || time === undefined) return passed;
    if (Math.abs(now() - time) > timestamp.toleranceMs) return expired;
    return { kind: 'passed', fingerprint: namingKey.fingerprint(content) };
  };
}

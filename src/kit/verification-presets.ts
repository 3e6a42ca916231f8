import type { SignatureScheme, Signer } from '../core/verification.ts';

/** A signer whose keys the configuration gives. */
export type SignerKind = Omit<Signer, 'keys'>;

/** How a well-known sender signs: a scheme without keys. */
export interface VerificationPreset extends Omit<SignatureScheme, 'kind' | 'signers' | 'urlBase'> {
  readonly signers: readonly [SignerKind, ...SignerKind[]];
}

/** As most senders do. */
export const plainKey = { prefix: '', encoding: 'utf8', derive: 'none' } as const;

export const usualToleranceMs = 5 * 60_000;

const hexSha256 = { label: '', algorithm: 'sha256', encoding: 'hex', keyFormat: plainKey } as const;
const hashedKey = { ...plainKey, derive: 'sha256' } as const;

export const verificationPresets = {
  'standard-webhooks': {
    header: 'webhook-signature',
    layout: { kind: 'list', separator: ' ', assign: ',' },
    signers: [
      {
        label: 'v1',
        algorithm: 'sha256',
        encoding: 'base64',
        keyFormat: { prefix: 'whsec_', encoding: 'base64', derive: 'none' },
      },
      {
        label: 'v1a',
        algorithm: 'ed25519',
        encoding: 'base64',
        keyFormat: { prefix: 'whpk_', encoding: 'base64', derive: 'none' },
      },
    ],
    signed: '{id}.{timestamp}.{body}',
    timestamp: { from: { header: 'webhook-timestamp' }, unit: 'seconds', toleranceMs: usualToleranceMs },
    id: 'webhook-id',
  },
  github: {
    header: 'x-hub-signature-256',
    layout: { kind: 'plain' },
    signers: [{ ...hexSha256, label: 'sha256=' }],
    signed: '{body}',
  },
  // What stands after whsec_ is part of the key here.
  stripe: {
    header: 'stripe-signature',
    layout: { kind: 'list', separator: ',', assign: '=' },
    signers: [{ ...hexSha256, label: 'v1' }],
    signed: '{timestamp}.{body}',
    timestamp: { from: { entry: 't' }, unit: 'seconds', toleranceMs: usualToleranceMs },
  },
  slack: {
    header: 'x-slack-signature',
    layout: { kind: 'plain' },
    signers: [{ ...hexSha256, label: 'v0=' }],
    signed: 'v0:{timestamp}:{body}',
    timestamp: { from: { header: 'x-slack-request-timestamp' }, unit: 'seconds', toleranceMs: usualToleranceMs },
  },
  // Seen with the name of the hash before it, and without.
  fenergo: {
    header: 'x-fenx-signature',
    layout: { kind: 'plain' },
    signers: [
      { ...hexSha256, label: 'sha256=', keyFormat: hashedKey },
      { ...hexSha256, keyFormat: hashedKey },
    ],
    signed: '{body}',
  },
  os1: { header: 'x-os1-signature', layout: { kind: 'plain' }, signers: [hexSha256], signed: '{body}' },
} as const satisfies Readonly<Record<string, VerificationPreset>>;

export type PresetName = keyof typeof verificationPresets;

/** Whatever is not said otherwise where no preset is named. */
export const unnamedPreset: Omit<VerificationPreset, 'header'> = {
  layout: { kind: 'plain' },
  signers: [hexSha256],
  signed: '{body}',
};

import type { KeyFormat, SignatureScheme, Signer } from '../core/verification.ts';
import type { SignatureSettings } from './signature-settings.ts';
import { parseSignedText, signs } from './signed-text.ts';
import { parseSigningKey } from './signing-key.ts';
import {
  type SignerKind,
  unnamedPreset,
  usualToleranceMs,
  type VerificationPreset,
  verificationPresets,
} from './verification-presets.ts';

interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What stands there replaces a part of the preset, or of what is usual. */
function layoutOf({ list, prefix }: SignatureSettings, { layout }: Pick<VerificationPreset, 'layout'>) {
  if (list === undefined) return prefix === undefined ? layout : ({ kind: 'plain' } as const);
  const { separator, assign } = layout.kind === 'list' ? layout : { separator: ',', assign: '=' };
  return { kind: 'list', separator: list.separator ?? separator, assign: list.assign ?? assign } as const;
}

function timestampOf(
  { timestamp: given }: SignatureSettings,
  { timestamp: usual }: Pick<VerificationPreset, 'timestamp'>,
) {
  if (given === undefined) return usual;
  const { header, entry } = given;
  const named = header === undefined ? usual?.from : { header };
  const from = entry === undefined ? named : { entry };
  if (from === undefined) return undefined;
  return {
    from,
    unit: given.unit ?? usual?.unit ?? 'seconds',
    toleranceMs: given.tolerance ?? usual?.toleranceMs ?? usualToleranceMs,
  };
}

/** With another algorithm or label there is one kind of signature only. */
function kindsOf(settings: SignatureSettings, preset: Pick<VerificationPreset, 'signers'>): readonly SignerKind[] {
  const { algorithm, encoding, prefix, list, keyFormat } = settings;
  const label = list?.name ?? prefix;
  const [first, ...others] = preset.signers;
  const isOne = algorithm !== undefined || label !== undefined;
  return (isOne ? [first] : [first, ...others]).map((kind) => {
    const usual: KeyFormat =
      algorithm === 'ed25519' ? { prefix: '', encoding: 'base64', derive: 'none' } : kind.keyFormat;
    return {
      label: label ?? kind.label,
      algorithm: algorithm ?? kind.algorithm,
      encoding: encoding ?? kind.encoding,
      keyFormat: {
        prefix: keyFormat?.prefix ?? usual.prefix,
        encoding: keyFormat?.encoding ?? usual.encoding,
        derive: keyFormat?.derive ?? usual.derive,
      },
    };
  });
}

/** Where there are several kinds, how a key is written says of which it is. */
function isOfKind(key: string, kind: SignerKind, kinds: readonly SignerKind[]): boolean {
  if (kinds.length === 1) return true;
  const isPublic = ({ algorithm }: SignerKind) => algorithm === 'ed25519';
  if (key.includes('-----BEGIN ')) return isPublic(kind);
  const named = kinds.filter(({ keyFormat: { prefix } }) => prefix !== '' && key.startsWith(prefix));
  return named.length > 0 ? named.includes(kind) : !isPublic(kind);
}

function signersOf(kinds: readonly SignerKind[], { keys }: SignatureSettings): readonly Signer[] {
  return kinds
    .map((kind) => ({ ...kind, keys: keys.filter((key) => isOfKind(key.reveal(), kind, kinds)) }))
    .filter((signer) => signer.keys.length > 0);
}

function keyProblems(signers: readonly Signer[], { keys }: SignatureSettings): readonly Problem[] {
  return keys.flatMap((key, index) => {
    const bad = signers.find((signer) => signer.keys.includes(key) && !parseSigningKey(key.reveal(), signer));
    if (bad === undefined) return [];
    const { algorithm, keyFormat } = bad;
    const expected =
      algorithm === 'ed25519'
        ? 'a public ed25519 key: 32 bytes in base64 or hex, or PEM'
        : `a key in ${keyFormat.encoding}${keyFormat.prefix === '' ? '' : `, after ${keyFormat.prefix}`}`;
    return [{ path: ['keys', index], message: `expected ${expected}` }];
  });
}

function schemeProblems(settings: SignatureSettings, scheme: SignatureScheme): readonly Problem[] {
  const { layout, signed, timestamp, id, urlBase, signers } = scheme;
  const problems: Problem[] = [];
  const refuse = (path: string, message: string) => problems.push({ path: [path], message });
  const template = parseSignedText(signed);
  if (scheme.header === '') refuse('header', 'expected the header that has the signature, or a preset');
  if (settings.list !== undefined && settings.prefix !== undefined) {
    refuse('prefix', 'expected either a prefix or a list: entries of a list have a name');
  }
  if (layout.kind === 'list' && signers.some(({ label }) => label === '')) {
    refuse('list', 'expected the name of the entries that are signatures');
  }
  if (settings.timestamp?.header !== undefined && settings.timestamp.entry !== undefined) {
    refuse('timestamp', 'expected either a header or an entry');
  }
  if (settings.timestamp !== undefined && timestamp === undefined) {
    refuse('timestamp', 'expected the header or the entry that has it');
  }
  if (timestamp !== undefined && 'entry' in timestamp.from && layout.kind !== 'list') {
    refuse('timestamp', 'expected a header: only a list has entries');
  }
  if (template === undefined) {
    refuse(
      'signed',
      'expected a text with {body} once, and {timestamp}, {id}, {method}, {target} or {url} where they are',
    );
    return problems;
  }
  if (signs(template, 'timestamp') !== (timestamp !== undefined)) {
    refuse(
      'signed',
      timestamp === undefined
        ? 'expected `timestamp` for {timestamp}'
        : 'expected {timestamp} in it: one that is not signed proves nothing',
    );
  }
  if (signs(template, 'id') && id === undefined) refuse('signed', 'expected `id` for {id}');
  if (signs(template, 'url') && urlBase === undefined) refuse('signed', 'expected `url` for {url}');
  return problems;
}

/** What the settings mean; the scheme is of use only where there are no problems. */
export function resolveSignature(settings: SignatureSettings): {
  readonly scheme: SignatureScheme;
  readonly problems: readonly Problem[];
} {
  const preset: Omit<VerificationPreset, 'header'> & { readonly header?: string } =
    settings.preset === undefined ? unnamedPreset : verificationPresets[settings.preset];
  const timestamp = timestampOf(settings, preset);
  const id = settings.id ?? preset.id;
  const scheme: SignatureScheme = {
    kind: 'signature',
    header: settings.header ?? preset.header ?? '',
    layout: layoutOf(settings, preset),
    signers: signersOf(kindsOf(settings, preset), settings),
    signed: settings.signed ?? preset.signed,
    ...(timestamp !== undefined && { timestamp }),
    ...(id !== undefined && { id }),
    ...(settings.url !== undefined && { urlBase: settings.url.replace(/\/+$/, '') }),
  };
  return { scheme, problems: [...schemeProblems(settings, scheme), ...keyProblems(scheme.signers, settings)] };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileVerification } from '../../../src/http/verify/compile.ts';
import { challengeSettings } from '../../../src/kit/challenge-settings.ts';
import { verificationPresets } from '../../../src/kit/verification-presets.ts';
import { verificationSettings } from '../../../src/kit/verification-settings.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/verification.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, block = '']) => block);

describe('docs/verification.md', () => {
  it.each(blocks)('shows what is accepted: %s', (block) => {
    // Any key will do: it is good as text, as base64 and as hex.
    const written = parse(block.replaceAll(/\$\{[^}]*\}/g, '0123456789abcdef')) as Record<string, unknown>;
    const [[name, value] = []] = Object.entries(written);
    if (name === 'challenges') expect(challengeSettings.parse(value)).toHaveLength(3);
    else expect(compileVerification(verificationSettings.parse(value), Date.now)).toBeDefined();
  });

  it('has every preset, with its header', () => {
    const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` \| `([a-z0-9-]+)`/gm)].map(([, name, header]) => [name, header]);
    expect(rows).toEqual(Object.entries(verificationPresets).map(([name, { header }]) => [name, header]));
  });
});

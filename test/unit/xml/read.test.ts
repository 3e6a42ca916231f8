import { describe, expect, it } from 'vitest';
import { canonicalXml } from '../../../src/kit/xml/canonical.ts';
import { readXmlText } from '../../../src/kit/xml/read.ts';
import { xmlToJson } from '../../../src/kit/xml/to-json.ts';
import { childrenOf, textOf } from '../../../src/kit/xml/tree.ts';
import { rootOf, verdictOn } from './support.ts';

describe('reading XML', () => {
  it('keeps text as it is, also what looks like a number', () => {
    const root = rootOf('<a><ID>0007</ID><n>12345678901234567890</n><t> x </t></a>');
    expect(root.children.map(textOf)).toEqual(['0007', '12345678901234567890', ' x ']);
    expect(childrenOf(root, 'ID')).toHaveLength(1);
  });

  it('joins text, CDATA and references, and leaves out comments, instructions and white space between elements', () => {
    const root = rootOf(
      '<?xml version="1.0"?><!-- c --><a>\n <b>1 &lt;<!-- x --><![CDATA[2 & ]]>&#51;<?p q?></b>\r\n</a>',
    );
    expect(root.children).toMatchObject([{ name: 'b', children: ['1 <2 & 3'] }]);
  });

  it('knows the five entities, and numbers of characters', () => {
    expect(textOf(rootOf('<a>&amp;&lt;&gt;&quot;&apos;&#x17E;&#382;</a>'))).toBe('&<>"\'žž');
  });

  it('takes UTF-8 with a byte order mark, and a declaration of UTF-8 in any case', () => {
    expect(textOf(rootOf('\ufeff<?xml version="1.0" encoding="utf-8"?><a>ž</a>'))).toBe('ž');
    expect(textOf(rootOf("<?xml version='1.0' encoding='UTF-8' standalone='yes'?><a>ž</a>"))).toBe('ž');
  });

  it.each<[string, string | Uint8Array, string]>([
    ['another encoding', '<?xml version="1.0" encoding="iso-8859-2"?><a/>', 'not-utf8: it declares another encoding'],
    ['UTF-16', Buffer.from('\ufeff<a/>', 'utf16le'), 'not-utf8: it is UTF-16'],
    [
      'bytes that are not UTF-8',
      Buffer.from([0x3c, 0x61, 0x3e, 0xe8, 0x3c, 0x2f, 0x61, 0x3e]),
      'not-utf8: it has bytes',
    ],
    ['an encoded surrogate', Buffer.from('3c613eeda0803c2f613e', 'hex'), 'not-utf8: it has bytes'],
    ['a document type', '<!DOCTYPE a><a/>', 'not-xml: it has a document type declaration'],
    ['an unknown entity', '<a>&nbsp;</a>', 'not-xml: it is no XML'],
    ['a character that XML does not have', '<a>&#0;</a>', 'not-xml: it is no XML'],
    ['a lone surrogate by number', '<a>&#xD800;</a>', 'not-xml: it is no XML'],
    ['XML 1.1', '<?xml version="1.1"?><a/>', 'not-xml: it is not XML 1.0'],
    ['two roots', '<a/><b/>', 'not-xml: it is no XML'],
    ['text before it', 'x<a/>', 'not-xml: it is no XML'],
    ['text behind it', '<a/>x', 'not-xml: it is no XML'],
    ['nothing', '', 'not-xml: it'],
    ['white space alone', ' \n', 'not-xml: it'],
    ['an element that does not end', '<a><b></a>', 'not-xml: it is no XML'],
    ['an attribute twice', '<a b="1" b="2"/>', 'not-xml: it is no XML'],
    [
      'a web page',
      '<!DOCTYPE html><html><body>Checking your browser<br></body></html>',
      'not-xml: it has a document type',
    ],
    ['JSON', '{"code":1003}', 'not-xml: it is no XML'],
  ])('refuses %s', (_what, text, problem) => {
    expect(verdictOn(text)).toContain(problem);
  });

  it('quotes nothing of what it refuses', () => {
    expect(verdictOn('<a><hush-hush></a>')).not.toContain('hush');
    expect(verdictOn('<a>&hush;</a>')).not.toContain('hush');
  });

  it('has limits of size, depth and number', () => {
    expect(verdictOn('<a>xxxx</a>', { maxBytes: 10 })).toContain('more than 10 bytes');
    const deep = (depth: number): string => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`;
    expect(verdictOn(deep(100))).toBe('xml');
    expect(verdictOn(deep(101))).toContain('more than 100 inside each other');
    expect(verdictOn('<a><b/><b/></a>', { maxNodes: 3 })).toBe('xml');
    expect(verdictOn('<a><b/><b x="1"/></a>', { maxNodes: 3 })).toContain('more than 3 elements');
  });

  it('takes text that was decoded before, whatever it declares', () => {
    expect(readXmlText('<?xml version="1.0" encoding="iso-8859-2"?><a>ž</a>')).toMatchObject({
      kind: 'xml',
      root: { children: ['ž'] },
    });
  });
});

describe('canonical XML', () => {
  it.each([
    ['<a b="1" c="2"><d></d></a>', '<a  c = "2"\n b=\'1\' >\n\t<d/>\n</a>\n'],
    ['<a>x &amp; &lt; &gt; " \'</a>', '<a>x &#38; <![CDATA[< >]]> &quot; &apos;</a>'],
    ['<a b="&amp;&lt;>&quot;\'&#x9;&#xA;"></a>', "<a b='&amp;&lt;&gt;\"&apos;&#9;&#10;'/>"],
    ['<a>1\n2&#xD;</a>', '<a>1\r\n2&#13;</a>'],
    ['<a>ž</a>', '<?xml version="1.0"?>\n<!-- x --><a>&#x17E;</a><!-- y -->'],
    ['<a>x<b></b>y</a>', '<a>x<!-- --><b/><?p?>y</a>'],
    ['<Z:a a="1" z="2"></Z:a>', '<Z:a z="2" a="1"/>'],
  ])('is %s for all that says so', (canonical, written) => {
    expect(canonicalXml(rootOf(written))).toBe(canonical);
    expect(canonicalXml(rootOf(canonical))).toBe(canonical);
  });
});

describe('XML as JSON', () => {
  it.each([
    ['<a>007</a>', '007'],
    ['<a/>', ''],
    ['<a><b>1</b><c/></a>', { b: '1', c: '' }],
    ['<a><b>1</b><c>2</c><b>3</b></a>', { b: ['1', '3'], c: '2' }],
    ['<a><b x="1">2</b></a>', { b: { '@x': '1', '#text': '2' } }],
    ['<a>x<b/>y</a>', { b: '', '#text': 'xy' }],
  ])('is, for %s, %j', (written, value) => {
    expect(JSON.parse(xmlToJson(rootOf(written)))).toEqual(value);
  });

  it('has __proto__ for a name like any other', () => {
    expect(xmlToJson(rootOf('<a><__proto__>1</__proto__><constructor/></a>'))).toBe(
      '{"__proto__":"1","constructor":""}',
    );
  });
});

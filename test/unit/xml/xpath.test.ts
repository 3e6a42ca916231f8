import { describe, expect, it } from 'vitest';
import { compileXPath } from '../../../src/kit/xml/xpath.ts';
import { rootOf } from './support.ts';

const root = rootOf(`
  <response kind="x"><code>1000</code>
    <data><item id="1"><name>a</name><x:y>p</x:y></item><item id="2"><name>b</name></item>
      <deep><item id="3">t<name>c</name>u</item></deep></data></response>`);

function texts(path: string): readonly string[] {
  const compiled = compileXPath(path);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled.xpath.texts(root);
}

describe('XPath', () => {
  it.each([
    ['/response/code', ['1000']],
    ['code', ['1000']],
    ['/response/code/text()', ['1000']],
    ['/response/@kind', ['x']],
    ['//name', ['a', 'b', 'c']],
    ['data/item/name', ['a', 'b']],
    ['/response/data//item/@id', ['1', '2', '3']],
    ['//item[1]/@id', ['1', '3']],
    ['data/item[last()]/@id', ['2']],
    ['//item[@id="2"]/name', ['b']],
    ["//item[name='c']/@id", ['3']],
    ['//item[text()="t"]/name', ['c']],
    ['//name[.="b"]', ['b']],
    ['//*[name][@id]/@id', ['1', '2', '3']],
    ['data/*/item', ['tcu']],
    ['//item/text()', ['t', 'u']],
    ['//x:y', ['p']],
    ['.', ['1000apbtcu']],
    ['/nothing', []],
    ['/code', []],
    ['//item[2][1]/@id', ['2']],
    ['//item[3]', []],
  ])('%s finds %j', (path, found) => {
    expect(texts(path)).toEqual(found);
  });

  it.each([
    '',
    '/',
    '//',
    'a/',
    'a b',
    'a[',
    'a[0',
    'count(a)',
    '..',
    'a/../b',
    'a|b',
    '@id/b',
    'text()/a',
    'a[b>1]',
    '$x',
    '@*',
  ])('refuses %j, and says what is known', (path) => {
    expect(compileXPath(path)).toMatchObject({
      problem: expect.stringContaining('this is no XPath that is known here'),
    });
  });

  it('takes time in proportion to the document, however deep what it descends into', () => {
    const deep = rootOf(`${'<a>'.repeat(90)}${'<b><a>x</a></b>'.repeat(20_000)}${'</a>'.repeat(90)}`);
    const compiled = compileXPath('//a//a//a//a//b');
    if ('problem' in compiled) throw new Error(compiled.problem);
    const began = performance.now();
    expect(compiled.xpath.select(deep)).toHaveLength(20_000);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

import { expect, test } from '@jest/globals';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { localSearchAttributes } from '../../src/local/stack.ts';

test('the one-machine stack registers exactly the search attributes that orders carry', () => {
  const types = { KEYWORD: 'Keyword', INT: 'Int' } as Record<string, string>;
  expect(localSearchAttributes).toEqual(
    Object.fromEntries(searchAttributes.map(({ name, type }) => [name, types[type]])),
  );
});

// `npm run privacy`: the list of what may hold something of a person into docs/privacy.md. A test fails while the page says something else.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageWithTable } from './personal-data-table.ts';

const PAGE = join('docs', 'privacy.md');
writeFileSync(PAGE, pageWithTable(readFileSync(PAGE, 'utf8')));

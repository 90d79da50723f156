import { pagesOf } from '#client';
import { ask, type Answered } from './ask.ts';
import { UsageError } from './io.ts';
import { showItems, showList, type Columns } from './output.ts';
import { present } from './options.ts';
import type { Session } from './session.ts';

export type PageOptions = { limit?: number; cursor?: string; all?: boolean };
type PageBody<T> = { items: T[]; nextCursor: string | null };
type Read = (page: {
  limit?: number;
  cursor?: string;
}) => Promise<{ data?: string; error?: unknown; response: Response }>;

/** As many as the api gives at once. */
const MAX_PAGE = 100;

/** One page, as the api sends it; or, for more than it gives at once, page after page. */
export async function showPages<T>(
  session: Session,
  options: PageOptions,
  columns: Columns<T>,
  read: Read,
): Promise<void> {
  const { io, form } = session;
  const { limit, cursor, all = false } = options;
  if (limit === 0) throw new UsageError('--limit: 1 or more');
  if (!all && (limit ?? 0) <= MAX_PAGE) {
    const page = await ask<PageBody<T>>(read(present({ limit, cursor })));
    showList(session, page, columns);
    if (form === 'table' && page.body.nextCursor !== null)
      io.say(`There are more: --cursor ${page.body.nextCursor}, or --all`);
    return;
  }
  if (form === 'json') throw new UsageError('-o json is one answer of the api, of 100 items at most: use -o jsonl');
  await showAll(session, { limit: all ? Number.POSITIVE_INFINITY : (limit ?? 0), cursor }, columns, read);
}

async function showAll<T>(
  session: Session,
  { limit, cursor: first }: { limit: number; cursor: string | undefined },
  columns: Columns<T>,
  read: Read,
): Promise<void> {
  const kept: T[] = [];
  let count = 0;
  const pages = pagesOf(async (cursor) => {
    const page: Answered<PageBody<T>> = await ask(read({ limit: MAX_PAGE, ...present({ cursor: cursor ?? first }) }));
    return page.body;
  });
  for await (const { items } of pages) {
    const wanted = items.slice(0, limit - count);
    count += wanted.length;
    // Rows are as wide as the widest of all; lines go out as they come.
    if (session.form === 'table') kept.push(...wanted);
    else showItems(session, wanted, columns);
    if (count >= limit) break;
    if (session.form === 'table' && count % 1_000 === 0 && count > 0) session.io.say(`${count} so far …`);
  }
  if (session.form === 'table') showItems(session, kept, columns);
}

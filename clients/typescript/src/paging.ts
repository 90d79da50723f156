/** As lists answer. */
export type Page<T> = { items: T[]; nextCursor: string | null };

// More than any list has: a server that gives the same cursor for ever must not hold its reader for ever.
const MAX_PAGES = 1_000_000;

/** Page after page; `read` asks for the one at the cursor, the first one without. */
export async function* pagesOf<P extends Page<unknown>>(
  read: (cursor: string | undefined) => Promise<P>,
): AsyncGenerator<P> {
  let cursor: string | undefined;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const page = await read(cursor);
    yield page;
    if (page.nextCursor === null) return;
    if (page.nextCursor === cursor) throw new Error('Expected the cursor of another page; found that of this one');
    cursor = page.nextCursor;
  }
}

/** Item after item of all pages; a page is asked for once the one before it is used up. */
export async function* itemsOf<T>(read: (cursor: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  for await (const { items } of pagesOf(read)) yield* items;
}

// A page of the documents with a part that is generated. Pure.
const BEGIN = '<!-- bench:begin (npm run bench writes what stands between these two lines) -->';
const END = '<!-- bench:end -->';

/** The page with the part between its markers replaced. */
export function replacePart(page: string, part: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from)
    throw new Error(`Expected the lines ${BEGIN} and ${END}; found them not, or not in this order`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${part.trim()}\n\n${page.slice(to)}`;
}

// The queries of docs/temporal-ui.md: a block of SQL under a heading of its own, and the link by which the Web UI is asked.

const BLOCK = /^([^\n]+)\n[\s\S]*?```sql\n([\s\S]*?)\n```\n\n\[Open\]\((.*)\)$/m;

/** As they stand there, the first first. */
export const queriesOf = (markdown) =>
  markdown
    .split(/^### /m)
    .map((section) => BLOCK.exec(section))
    .filter((found) => found !== null)
    .map(([, title, query, link]) => ({ title, query, link }));

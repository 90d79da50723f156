/** A row of stock_movements as it is kept outside: every column, as JSON has it. */
export type ArchivedMovement = { id: number } & Readonly<Record<string, unknown>>;

/** What may be taken out of the database is what closed orders held, freed and sold, once it has been added up. */
export type StockArchive = {
  /** The id of the newest. */
  lastMovement: () => Promise<number>;
  /** Adds up what has moved, up to that one, for so long at most; answers whether all of it has been. */
  addUp: (request: { through: number; withinMs: number }) => Promise<boolean>;
  /**
   * The next movements after `after` (an id), looking at `limit` of them at most. `movements`: those that may go; their orders were closed
   * `olderThanMs` ago. `lookedTo`: where to go on; null when nothing older is left.
   */
  find: (request: { after: number; olderThanMs: number; limit: number }) => Promise<{
    movements: readonly ArchivedMovement[];
    lookedTo: number | null;
  }>;
  /** Takes these out; answers how many there still were. The database refuses what may not go. */
  remove: (request: { ids: readonly number[] }) => Promise<number>;
};

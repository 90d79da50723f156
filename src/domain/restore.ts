// Whether a database is behind what Temporal has seen of it. What must stay true: nothing that happens in ordinary operation
// (a crash at any moment, a run that was terminated or reset, a list that lags) is taken for a contradiction.

/** What a database says of itself. `position`: the last one of its event feed. */
export type DatabaseState = {
  epoch: number;
  position: number;
  /** `forMs`: how long the alarm stands, by the database's own clock. */
  behind: { since: string; forMs: number; evidence: string } | null;
};

/** A run of an order's workflow, and what its starter knew of the database; null for one from before that was told. */
export type Witness = {
  orderId: string;
  runId: string;
  status: 'running' | 'completed' | 'other';
  startedAt: string;
  database: { epoch: number; position: number } | null;
};

/** `toldItsEnd`: an event says how it ended, which is written together with the end. */
export type KnownOrder = { orderId: string; isOpen: boolean; toldItsEnd: boolean };

/** Epochs are counted from here; workflows from before they were told belong to it. */
const FIRST_EPOCH = 1;

/**
 * `endedRunId`: it stands only when the history of this run shows that the order's end was recorded. A workflow that somebody
 * completed in another way looks the same from outside, and is left to reconciliation.
 */
export type Contradiction = { orderId: string; says: string; endedRunId: string | null };

/**
 * What a database can not explain of what Temporal says. `known` must be read after the witnesses were listed: an order is
 * committed before its workflow is started, and closed before its workflow completes.
 */
export function contradictionsOf(options: {
  state: Pick<DatabaseState, 'epoch' | 'position'>;
  witnesses: readonly Witness[];
  known: readonly KnownOrder[];
}): Contradiction[] {
  const { state, witnesses, known } = options;
  const rows = new Map(known.map((order) => [order.orderId, order]));
  return newestRuns(witnesses).flatMap((witness) => {
    const contradiction = contradictionOf(state, witness, rows.get(witness.orderId));
    return contradiction ? [{ orderId: witness.orderId, ...contradiction }] : [];
  });
}

function contradictionOf(
  state: Pick<DatabaseState, 'epoch' | 'position'>,
  { database, status, runId }: Witness,
  row: KnownOrder | undefined,
): Omit<Contradiction, 'orderId'> | null {
  const certain = (says: string) => ({ says, endedRunId: null });
  const { epoch, position } = database ?? { epoch: FIRST_EPOCH, position: 0 };
  if (epoch > state.epoch)
    return certain(`its workflow was started in epoch ${epoch} of the database, this is ${state.epoch}`);
  // A recovery has looked at everything that was started before it, and left what it could not mend to people.
  if (epoch < state.epoch) return null;
  if (!row) return certain('its workflow was started, and the order is not here');
  if (position > state.position)
    return certain(
      `position ${position} of the feed had been given when it was started, here the last is ${state.position}`,
    );
  // A row that was opened again by hand has the event of its end still.
  if (status === 'completed' && row.isOpen && !row.toldItsEnd)
    return { says: 'its end had been recorded, and the order is open here', endedRunId: runId };
  return null;
}

/** Of several runs of an order (reset, started again) the newest speaks, and one that runs before all. */
function newestRuns(witnesses: readonly Witness[]): Witness[] {
  const newest = new Map<string, Witness>();
  for (const witness of witnesses) {
    const other = newest.get(witness.orderId);
    if (!other || isNewer(witness, other)) newest.set(witness.orderId, witness);
  }
  return [...newest.values()];
}

function isNewer(one: Witness, other: Witness): boolean {
  if (one.status === 'running' || other.status === 'running') return one.status === 'running';
  return one.startedAt > other.startedAt;
}

// A person reads it at night: how many, and the first of them.
const SHOWN = 3;

/** The contradictions in a few sentences. */
export function describeContradictions(contradictions: readonly Contradiction[], hasOrders: boolean): string {
  const first = contradictions.slice(0, SHOWN).map(({ orderId, says }) => `${orderId}: ${says}`);
  const more = contradictions.length > SHOWN ? [`and ${contradictions.length - SHOWN} more`] : [];
  const guess = hasOrders
    ? 'This database was restored from a backup, or is not the one that Temporal has worked for'
    : 'This database has never had an order, and Temporal has orders: it is new, or not the one that Temporal has worked for';
  return `${guess}. ${[...first, ...more].join('; ')}`;
}

// What a look and the journal mean for each invariant, in words. What must stay true: where a witness is away the answer is `unknown`.
import type { Invariant } from './contract.ts';
import type { Took } from './journal.ts';
import type { Look } from './look.ts';
import type { Settled } from './rows.ts';
import { createSuspicions, type Verdict } from './suspicions.ts';

export const invariantNames = [
  'What was accepted is there',
  'Stock is never oversold',
  'No closed order holds stock',
  'What was taken is what the order is worth',
  'Every order is charged once',
  'Events are gap-free',
] as const;
type Name = (typeof invariantNames)[number];

/** The journal as far as it was read, or why it can not be. */
export type JournalView =
  | { isThere: true; isWhole: boolean; of: (orderId: string) => Took; knows: (orderId: string) => boolean }
  | { isThere: false };
export type Seen = {
  look: Look;
  journal: JournalView;
  load: { accepted: number; twice: readonly string[]; remembered: number };
};

const NO_ROWS = 'The database can not be asked.';
const NO_JOURNAL = 'The rows fit; the provider’s journal can not be read.';
const SOME = 3;

/** All of them when the rows can not be read; `why`: what the database says where it answers all the same. */
export const allUnknown = (why: string | null = null): Invariant[] =>
  invariantNames.map((name) => ({ name, state: 'unknown' as const, says: why ?? NO_ROWS }));

export type Judge = {
  judge: (seen: Seen) => Invariant[];
  /** Orders that did not fit, to be looked at again. */
  again: () => string[];
};

export function createJudge(): Judge {
  const of = Object.fromEntries(invariantNames.map((name) => [name, createSuspicions()])) as Record<
    Name,
    ReturnType<typeof createSuspicions>
  >;
  const aboutOrders = invariantNames.slice(2);

  function judge({ look, journal, load }: Seen): Invariant[] {
    const everyOrder = sayCoverage(look);
    const inOrders = (subject: string): boolean => look.orders.has(subject);
    const found: Record<Name, Invariant> = {
      'What was accepted is there': judgeAccepted(look, load),
      'Stock is never oversold': say(
        'Stock is never oversold',
        of['Stock is never oversold'].judge(look.oversold, () => true),
        'Of every product there is what was put in less what was sold, and what is held is held by somebody.',
      ),
      'No closed order holds stock': say(
        'No closed order holds stock',
        of['No closed order holds stock'].judge(look.misfits['closed orders hold nothing'], inOrders),
        everyOrder,
      ),
      'What was taken is what the order is worth': judgeWorth({ look, journal }, everyOrder),
      'Every order is charged once': judgeCharges({ look, journal }, everyOrder),
      'Events are gap-free': say(
        'Events are gap-free',
        of['Events are gap-free'].judge(look.misfits['sequences are gap-free'], inOrders),
        everyOrder,
      ),
    };
    return invariantNames.map((name) => found[name]);
  }

  function judgeAccepted(look: Look, { accepted, twice, remembered }: Seen['load']): Invariant {
    const name = 'What was accepted is there';
    const verdict = of[name].judge(look.accepted.missing, (id) => look.accepted.lookedAt.has(id));
    if (twice.length > 0)
      return { name, state: 'broken', says: `Two orders were answered under one key: ${few(twice)}.` };
    if (accepted === 0 && verdict.suspected.length + verdict.broken.length === 0)
      return { name, state: 'unknown', says: 'The load has placed nothing yet.' };
    const cut = accepted > remembered ? `, of which the newest ${count(remembered)} are remembered` : '';
    return say(name, verdict, `${count(accepted)} orders were answered with 2xx${cut}; each is in the database.`);
  }

  function judgeWorth({ look, journal }: Pick<Seen, 'look' | 'journal'>, everyOrder: string): Invariant {
    const name = 'What was taken is what the order is worth';
    const rows = [
      ...look.misfits['a closed order is worth exactly what was taken'],
      ...look.misfits['a confirmed order sold exactly its lines'],
    ];
    const differ = journal.isThere && journal.isWhole ? unlikeJournal(look.settled, journal) : [];
    // Without the journal only what does not fit by the rows alone can be cleared.
    const verdict = of[name].judge([...rows, ...differ], (id) => look.orders.has(id) && journal.isThere);
    return withJournal(journal, say(name, verdict, `By our rows and by the provider’s journal. ${everyOrder}`));
  }

  function judgeCharges({ look, journal }: Pick<Seen, 'look' | 'journal'>, everyOrder: string): Invariant {
    const name = 'Every order is charged once';
    if (!journal.isThere) return { name, state: 'unknown', says: NO_JOURNAL.replace('The rows fit; t', 'T') };
    const misfits = chargedTwice(look.settled, journal);
    const verdict = of[name].judge(misfits, (id) => look.orders.has(id));
    return withJournal(journal, say(name, verdict, everyOrder));
  }

  return { judge, again: () => [...new Set(aboutOrders.flatMap((name) => of[name].subjects()))] };
}

type There = Extract<JournalView, { isThere: true }>;

/** Of orders that are over: what the provider has taken for it is not what our ledger says. */
export const unlikeJournal = (settled: readonly Settled[], journal: Pick<There, 'of' | 'knows'>): string[] =>
  settled
    .filter(({ id, balanceMinor }) => journal.knows(id) && journal.of(id).netMinor !== balanceMinor)
    .map(({ id }) => id);

/** Each capture of ours is one at the provider; an order that was paid once and whole has one. */
export const chargedTwice = (settled: readonly Settled[], journal: Pick<There, 'of' | 'knows'>): string[] =>
  settled
    .filter(({ id, captures, payments, isPaidInParts }) => {
      const most = payments <= 1 && !isPaidInParts ? Math.min(captures, 1) : captures;
      return journal.knows(id) && journal.of(id).times > most;
    })
    .map(({ id }) => id);

/** Red stays red without the journal; green does not stay green. */
function withJournal(journal: JournalView, invariant: Invariant): Invariant {
  if (invariant.state !== 'holds') return invariant;
  if (!journal.isThere) return { ...invariant, state: 'unknown', says: NO_JOURNAL };
  if (!journal.isWhole) return { ...invariant, state: 'unknown', says: 'The provider’s journal is still being read.' };
  return invariant;
}

function say(name: Name, { broken, suspected }: Verdict, holds: string): Invariant {
  if (broken.length > 0) return { name, state: 'broken', says: `${count(broken.length)} do not fit: ${few(broken)}.` };
  if (suspected.length > 0)
    return { name, state: 'unknown', says: `${few(suspected)}: does not fit, and is looked at again.` };
  return { name, state: 'holds', says: holds };
}

function sayCoverage({ orders, roundMs, isWhole, counters }: Look): string {
  const changed = isWhole
    ? 'Those that changed are looked at each second'
    : 'More changes than can be looked at each second';
  if (roundMs === null) return `${changed}; of all ${count(counters.placed)}, ${count(orders.size)} just now.`;
  return `${changed}; all ${count(counters.placed)} within ${Math.max(1, Math.ceil(roundMs / 1_000))} s.`;
}

const few = (subjects: readonly string[]): string =>
  subjects.slice(0, SOME).join(', ') + (subjects.length > SOME ? ' …' : '');
const count = (number: number): string => number.toLocaleString('en-GB');

// The holders of cards and their banks: payments of ended and of open orders are disputed, and then won, lost, lost in part, left
// open, or were no more than a question. The webhooks of them are lost, come twice and come late.
import { setTimeout as sleep } from 'node:timers/promises';
import { addFault } from './provider-faults.ts';
import { disputeKinds, type DisputeKind, type Fault, type Outcome } from './schedule.ts';
import type { VerifyStack } from './stack.ts';

const LIMIT_MS = 5_000;
const POLL_MS = 250;
// Longer than the provider or our database is frozen.
const OPENED_WITHIN_MS = 45_000;
const DECIDED_WITHIN_MS = 60_000;
const LATE_MS = 6_000;
const CANDIDATES = 20;
/** Of so many things that happen to disputes one is never told: a comparison of the books has to find it. */
const UNHEARD_EVERY = 3;

/** Below the price of everything that costs anything. */
const PART = 300;
const COMES_BACK = 100;

type Fate = { opening: object; decisions: readonly object[] };
const fates: Readonly<Record<DisputeKind, Fate>> = {
  'dispute-won': { opening: {}, decisions: [{ outcome: 'won' }] },
  'dispute-lost': { opening: {}, decisions: [{ outcome: 'lost' }] },
  'dispute-lost-in-part': { opening: {}, decisions: [{ outcome: 'lost', reinstated: COMES_BACK }] },
  'dispute-left-open': { opening: { amount: PART }, decisions: [] },
  'dispute-of-open-order': { opening: {}, decisions: [{ outcome: 'won' }] },
  'inquiry-closed': { opening: { inquiry: true }, decisions: [{ outcome: 'won' }] },
  'inquiry-turned-dispute': { opening: { inquiry: true }, decisions: [{ outcome: 'chargeback' }, { outcome: 'lost' }] },
};

type Candidate = { orderId: string; paymentId: string };

/** Disputes of each kind, on as many payments as are dealt. */
export function disputeStrikes(stack: VerifyStack): Record<DisputeKind, (fault: Fault) => Promise<Outcome>> {
  // Whether or not it was answered: no payment is disputed twice.
  const touched = new Set<string>();

  async function open(kind: DisputeKind, atMost: number): Promise<string[]> {
    const opened: string[] = [];
    for (const until = Date.now() + OPENED_WITHIN_MS; opened.length === 0 && Date.now() < until; await sleep(POLL_MS)) {
      const candidates = await findCandidates(stack, kind, [...touched]).catch(() => []);
      for (const candidate of candidates.slice(0, atMost)) {
        touched.add(candidate.paymentId);
        await disturbNews(stack, candidate, opened.length);
        const opening = { ...fates[kind].opening, ...unheard(opened.length) };
        const id = await openDispute(stack, candidate, opening);
        if (id !== null) opened.push(id);
      }
    }
    return opened;
  }

  async function strike(kind: DisputeKind, { times, lastsMs }: Fault): Promise<Outcome> {
    const opened = kind === 'dispute-of-open-order' ? await openEarly(stack, touched) : await open(kind, times);
    let decided = opened.length;
    for (const [turn, decision] of fates[kind].decisions.entries()) {
      await sleep(lastsMs);
      const answers = await Promise.all(
        opened.map((id, index) => decide(stack, id, { ...decision, ...unheard(turn + index) })),
      );
      decided = answers.filter(Boolean).length;
    }
    return { detail: `${opened.length} payments`, hit: opened.length > 0 && decided === opened.length };
  }

  return Object.fromEntries(disputeKinds.map((kind) => [kind, (fault: Fault) => strike(kind, fault)])) as ReturnType<
    typeof disputeStrikes
  >;
}

/** An order is open for a blink after its payment: whichever of those that may be paid is, only the provider knows. */
async function openEarly(stack: VerifyStack, touched: Set<string>): Promise<string[]> {
  for (const until = Date.now() + OPENED_WITHIN_MS; Date.now() < until; await sleep(POLL_MS)) {
    for (const candidate of await findCandidates(stack, 'dispute-of-open-order', [...touched]).catch(() => [])) {
      const id = await openDispute(stack, candidate, {});
      if (id === null) continue;
      touched.add(candidate.paymentId);
      return [id];
    }
  }
  return [];
}

const OPEN = `('placed', 'reserved')`;

/** Of open orders those that have waited longest; of ended ones some of every end, and of what others paid for them. */
async function findCandidates({ db }: VerifyStack, kind: DisputeKind, not: string[]): Promise<Candidate[]> {
  const ofOpen = kind === 'dispute-of-open-order';
  const which = ofOpen
    ? `o.status in ${OPEN} and p.state in ('pending', 'captured')`
    : `o.status not in ${OPEN} and p.state in ('captured', 'refunded')`;
  const order = ofOpen
    ? 'o.placed_at'
    : 'row_number() over (partition by o.status, p.stray order by random()), random()';
  const { rows } = await db.query<Candidate>(
    `select o.id as "orderId", p.provider_id as "paymentId" from orders o join payments p on p.order_id = o.id
     where ${which} and p.provider_id is not null and p.provider_id <> all ($1) order by ${order} limit ${CANDIDATES}`,
    [not],
  );
  return rows;
}

/** What is told of the payment next gets lost and is told again, comes twice, or comes late. */
async function disturbNews({ simulatorUrl }: VerifyStack, { orderId }: Candidate, index: number): Promise<void> {
  const disturbance = disturbances[index % disturbances.length];
  if (!disturbance) return;
  const fault = { operation: 'webhook', times: 1, match: { orderId }, ...disturbance };
  await addFault(simulatorUrl, fault);
}
const disturbances = [
  { mode: 'drop_before_effect' },
  { mode: 'drop_after_effect' },
  { mode: 'delay', delayMs: LATE_MS },
  null,
];

const unheard = (index: number): { silent?: true } => (index % UNHEARD_EVERY === 0 ? { silent: true } : {});

/** The id of the dispute; null when the provider has refused it, or did not answer. */
async function openDispute({ simulatorUrl }: VerifyStack, { paymentId }: Candidate, opening: object) {
  const answer = await post(`${simulatorUrl}/_simulator/payment_intents/${paymentId}/dispute`, opening);
  return answer?.ok ? ((await answer.json()) as { id: string }).id : null;
}

/** Whether the bank has decided; a refusal says that an answer got lost on the way. */
async function decide({ simulatorUrl }: VerifyStack, id: string, decision: object): Promise<boolean> {
  for (const until = Date.now() + DECIDED_WITHIN_MS; Date.now() < until; await sleep(POLL_MS)) {
    const answer = await post(`${simulatorUrl}/_simulator/disputes/${id}/decide`, decision);
    if (answer && answer.status < 500) return true;
  }
  return false;
}

const post = (url: string, body: object): Promise<Response | null> =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch(() => null);

// The card of business beside an order's own story (a shipment, a refund, a return, …), as its workflow knows it: what it waits for, until
// when, who must act, what happened. Whose page it stands on need not know the order.
import type { Actor } from './explanation-facts.ts';
import { section } from './explanation-text.ts';
import { parkedWait, stepWords } from './explanation-wait.ts';
import type { Attention, OrderStep } from './order.ts';
import { asSentence } from './sentence.ts';

/** Whom it waits for outside of us. `until` by the clock of the workflow. */
export type OutsideWait = { what: string; until: string; who: Actor; how: string };

/** `title` is Markdown; `step` is under way; `parked` before its row says so has no `since`. */
export type BusinessFacts = {
  title: string;
  orderId: string;
  step: OrderStep | null;
  waits: OutsideWait | null;
  parked: { step: OrderStep; reason: string; since: Attention['since'] | null } | null;
  happened: readonly string[];
};

// The newest tells most, and some of this goes on for weeks.
const MAX_HAPPENED = 30;

/** The card as Markdown. */
export function businessCard(facts: BusinessFacts): string {
  const sections = [facts.title, ...waitOf(facts), section('What happened', facts.happened.slice(-MAX_HAPPENED))];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function waitOf({ orderId, step, waits, parked }: BusinessFacts): string[] {
  if (parked) {
    const { waitingFor, mustAct } = parkedWait(orderId, parked);
    return [`**Waits for** ${asSentence(waitingFor)}`, `**Who must act:** ${mustAct.who}. ${asSentence(mustAct.how)}`];
  }
  if (waits) {
    const { what, until, who, how } = waits;
    return [`**Waits for** ${asSentence(what)} Until ${until}.`, `**Who must act:** ${who}. ${asSentence(how)}`];
  }
  return step ? [`**Under way:** ${asSentence(stepWords[step])} By itself, or it parks.`] : [];
}

type ShipmentWait = { orderId: string; number: number; what: 'packing' | 'dispatch' | 'delivery'; until: string };

/** What a shipment waits for on its way. */
export function shipmentWait({ orderId, number, what, until }: ShipmentWait): OutsideWait {
  switch (what) {
    case 'packing':
      return {
        what: 'the warehouse to pack it',
        until,
        who: 'warehouse',
        how: `Pack it, and say so (POST /orders/${orderId}/shipments/${number}/packed)`,
      };
    case 'dispatch':
      return {
        what: 'the carrier to take it over; its label is made',
        until,
        who: 'warehouse',
        how: 'Hand it over to the carrier, who tells of it',
      };
    case 'delivery':
      return {
        what: 'the carrier to deliver it',
        until,
        who: 'carrier',
        how: 'By itself, when the carrier tells of it; it is asked now and then, too',
      };
  }
}

type ReturnWait = { orderId: string; number: number; what: 'answer' | 'goods'; until: string };

/** What a return waits for. */
export function returnWait({ orderId, number, what, until }: ReturnWait): OutsideWait {
  const path = `POST /orders/${orderId}/returns/${number}`;
  if (what === 'answer')
    return {
      what: 'an answer, whether it may come',
      until,
      who: 'operator',
      how: `Say whether it may (${path}/approve, or /reject)`,
    };
  return {
    what: 'the goods',
    until,
    who: 'customer',
    how: `Send them; the warehouse says what came (${path}/receive)`,
  };
}

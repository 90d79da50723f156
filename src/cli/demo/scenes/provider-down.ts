import {
  check,
  checkPaid,
  checkShelf,
  checkStatus,
  captures,
  less,
  statusOf,
  whoActs,
  type Check,
  type OrderFacts,
  type Shelf,
} from '../facts.ts';
import { money } from '../../output.ts';
import { scene } from '../scene.ts';
import type { Stage } from '../stage.ts';
import { placeStruck } from './struck.ts';

/** Longer than it takes with the bound of a customer in a hurry; with the usual one of 12 h nobody would wait for it. */
const PARKED_WITHIN_MS = 45_000;
const TELL_EVERY_MS = 3_000;

type Facts = { parked: OrderFacts; held: Shelf; answered: number; order: OrderFacts; before: Shelf; after: Shelf };

export const providerDown = scene<Facts>({
  name: 'provider-down',
  headline: 'The provider is down; a person decides',
  promise:
    'Every call about this order’s payment fails. It is tried again and again; what still can not be finished is parked in front of an ' +
    'operator, with its stock held and its outcome left open. Then the provider is back, and the operator says: retry. (That takes ' +
    'twelve hours. For a customer whose id ends with -hasty, npm start gives up after half a minute.)',
  needs: 'processes',
  play,
  checks: checkProviderDown,
});

async function play(stage: Stage): Promise<Facts> {
  const sku = await stage.beans();
  const { id, before, fault } = await placeStruck(stage, sku, {
    customer: 'fred-hasty',
    fault: { operation: 'any', mode: 'error_500', times: 'always' },
    says: 'for it alone, the provider answers 500 to everything',
  });
  await stage.until(id, ({ attention, status }) => attention !== null || status === 'confirmed', {
    withinMs: PARKED_WITHIN_MS,
    everyMs: TELL_EVERY_MS,
    meanwhile: async () => triesText((await stage.explanation(id)).attempts, stage.now()),
  });
  const parked = await stage.facts(id);
  const { attention } = parked.order;
  if (attention) stage.tell(`parked at ${attention.step}: ${attention.reason}`);
  else stage.tell('not parked by now');
  const held = await stage.shelf(sku);
  await fault.lift();
  stage.tell('the provider is well again');
  const answered = await stage.retry(id, 'orders demo: the provider is well again');
  stage.tell(`POST /orders/…/resolution, action retry: ${answered}`);
  await stage.until(id, ({ status }) => status === 'confirmed');
  return { parked, held, answered, order: await stage.facts(id), before, after: await stage.shelf(sku) };
}

function triesText(attempts: readonly { nextTryAt: string | null }[], now: number): string {
  const [last] = attempts;
  const next = last?.nextTryAt
    ? `, the next one in ${Math.max(0, Math.round((Date.parse(last.nextTryAt) - now) / 1_000))} s`
    : '';
  return `tried ${attempts.length} ${attempts.length === 1 ? 'time' : 'times'}${next}`;
}

export function checkProviderDown({ parked, held, answered, order, before, after }: Facts): Check[] {
  const { mustAct, possibleActions } = parked.explanation;
  const { totalMinor, currency } = parked.order;
  const mayRetry = possibleActions.includes('retry') ? 'may retry' : 'may not retry';
  return [
    check('parked', 'reserved, parked at charge-payment', statusOf(parked.order)),
    check('explanation', 'the operator has to act, may retry', `${whoActs(mustAct.who)}, ${mayRetry}`),
    check('provider', 'no capture', captures(parked)),
    check('money', `${money(totalMinor, currency)} may be taken, not known`, atStakeText(parked)),
    check(
      'stock',
      `${before.onHand} on hand, ${before.reserved + 1} reserved`,
      `${held.onHand} on hand, ${held.reserved} reserved`,
    ),
    check('resolution', '202', String(answered)),
    ...checkStatus(order, 'confirmed'),
    check('told', 'order.parked, then order.confirmed', toldText(order)),
    ...checkPaid(order),
    checkShelf(less(before, 1), after),
  ];
}

/** Unknown is neither taken nor declined. */
const atStakeText = ({ explanation: { money: of } }: OrderFacts): string =>
  of.capturedMinor > 0
    ? `${money(of.capturedMinor, of.currency)} is taken`
    : `${money(of.mayBeCapturedMinor, of.currency)} may be taken, not known`;

const toldText = ({ events }: OrderFacts): string =>
  events
    .map(({ eventType }) => eventType)
    .filter((type) => type === 'order.parked' || type === 'order.confirmed')
    .join(', then ');

import { newKey } from '#client';
import { check, checkPaid, checkShelf, checkStatus, less, type Check, type OrderFacts, type Shelf } from '../facts.ts';
import { scene } from '../scene.ts';
import type { Placed } from '../api.ts';
import type { Stage } from '../stage.ts';

const TIMES = 10;

type Facts = {
  answers: readonly (Pick<Placed, 'text' | 'isReplayed'> & { id: string })[];
  order: OrderFacts;
  before: Shelf;
  after: Shelf;
};

export const sameKey = scene<Facts>({
  name: 'same-key',
  headline: 'The same order, ten times at once',
  promise:
    'A customer clicks ten times, a client repeats what timed out: ten requests at the same moment under one Idempotency-Key. They are ' +
    'one order, and the card is charged once.',
  play,
  checks: checkSameKey,
});

async function play(stage: Stage): Promise<Facts> {
  const sku = await stage.beans();
  const before = await stage.shelf(sku);
  const key = newKey();
  stage.tell(`${TIMES} × POST /orders at once, all under the key ${key}`);
  const answers = await Promise.all(Array.from({ length: TIMES }, () => stage.place({ sku, key, customer: 'ben' })));
  const [{ order: first }] = answers as [Placed, ...Placed[]];
  const replayed = answers.filter(({ isReplayed }) => isReplayed).length;
  stage.tell(`${TIMES} answers: ${TIMES - replayed} new, ${replayed} replayed`);
  await stage.until(first.id, ({ status }) => status === 'confirmed');
  stage.tell(`${first.id} is what all of them speak of`);
  return {
    answers: answers.map(({ text, isReplayed, order: { id } }) => ({ text, isReplayed, id })),
    order: await stage.facts(first.id),
    before,
    after: await stage.shelf(sku),
  };
}

export function checkSameKey({ answers, order, before, after }: Facts): Check[] {
  const count = (values: readonly unknown[]): number => new Set(values).size;
  return [
    check('orders', '1 order', countOf(count(answers.map(({ id }) => id)), 'order')),
    check(
      'answers',
      `${TIMES - 1} with Idempotency-Replayed: true`,
      `${answers.filter(({ isReplayed }) => isReplayed).length} with Idempotency-Replayed: true`,
    ),
    check(
      'bodies',
      '1 body, byte for byte',
      `${countOf(count(answers.map(({ text }) => text)), 'body')}, byte for byte`,
    ),
    ...checkStatus(order, 'confirmed'),
    ...checkPaid(order),
    checkShelf(less(before, 1), after),
  ];
}

const plural: Record<string, string> = { order: 'orders', body: 'bodies' };
const countOf = (count: number, what: string): string => `${count} ${count === 1 ? what : (plural[what] ?? what)}`;

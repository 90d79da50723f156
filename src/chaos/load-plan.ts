// What the load orders: its own products, so that what people see in the shop stays theirs; mostly good cards, some that are declined.
import { createSeededRandom } from '../runtime/seeded-random.ts';

const products = [
  { sku: 'load-beans', name: 'Beans of the load', priceMinor: 1_250, onHand: 1_000_000 },
  { sku: 'load-mug', name: 'Mug of the load', priceMinor: 890, onHand: 1_000_000 },
  { sku: 'load-filter', name: 'Filters of the load', priceMinor: 350, onHand: 1_000_000 },
  // Many want it, few get it.
  { sku: 'load-last', name: 'The last ones of the load', priceMinor: 2_400, onHand: 25 },
];

const cards: readonly (readonly [weight: number, card: string])[] = [
  [88, 'pm_card_visa'],
  [6, 'pm_card_chargeDeclined'],
  [4, 'pm_card_chargeDeclinedInsufficientFunds'],
  [2, 'pm_sim_processing_succeeds'],
];
const WANTS_THE_LAST = 0.04;
const CUSTOMERS = 40;

export type PlannedOrder = { customerId: string; items: { sku: string; quantity: number }[]; paymentMethod: string };

/** What is ordered next, for ever; the same from the same seed. */
export function createLoadPlan(seed: number): () => PlannedOrder {
  const random = createSeededRandom(seed);
  const usual = products.filter(({ onHand }) => onHand > 1_000).map(({ sku }) => sku);
  return () => {
    const skus = random.shuffled(usual).slice(0, random.between(1, 2));
    const items = skus.map((sku) => ({ sku, quantity: random.between(1, 3) }));
    if (random.chance(WANTS_THE_LAST)) items.push({ sku: 'load-last', quantity: 1 });
    return { customerId: `load-${random.between(1, CUSTOMERS)}`, items, paymentMethod: pick(random.fraction()) };
  };
}

function pick(fraction: number): string {
  let left = fraction * cards.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, card] of cards) {
    left -= weight;
    if (left < 0) return card;
  }
  throw new Error('Expected the weights to cover every draw; found a gap');
}

/** Puts the products of the load into the catalogue; what exists keeps its stock. Throws while the api can not be asked. */
export async function provideLoadProducts(apiUrl: string, signal: AbortSignal): Promise<void> {
  for (const { sku, ...product } of products) {
    const url = `${apiUrl}/products/${sku}`;
    const found = await fetch(url, { signal });
    await found.body?.cancel();
    if (found.ok) continue;
    const answer = await fetch(url, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...product, currency: 'EUR' }),
      signal,
    });
    if (!answer.ok) throw new Error(`PUT ${url} answered ${answer.status}`);
    await answer.body?.cancel();
  }
}

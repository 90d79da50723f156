import { check, checkShelf, statusOf, captures, type Check, type OrderFacts, type Shelf } from '../facts.ts';
import { scene } from '../scene.ts';
import type { Stage } from '../stage.ts';

const UNITS = 5;
const BUYERS = 40;

/** `captured`: what the provider has taken for the order, by its journal. */
type Buyer = { order: OrderFacts['order']; captured: string };
type Facts = { units: number; buyers: readonly Buyer[]; after: Shelf };

export const flashSale = scene<Facts>({
  name: 'flash-sale',
  headline: `A flash sale: ${BUYERS} buyers, ${UNITS} units`,
  promise:
    'All of them press the button at the same moment. As many get one as there are, nobody is charged for nothing, and the shelf is ' +
    'empty, not below.',
  play,
  checks: checkFlashSale,
});

async function play(stage: Stage): Promise<Facts> {
  const sku = await stage.product('drop', 'Limited drop', UNITS);
  stage.tell(`${UNITS} units of ${sku} are on the shelf; ${BUYERS} × POST /orders at once`);
  const placed = await Promise.all(
    Array.from({ length: BUYERS }, (_, buyer) => stage.place({ sku, customer: `buyer-${buyer + 1}`, wait: true })),
  );
  const isOver = ({ status }: { status: string }): boolean => status === 'confirmed' || status === 'rejected';
  const buyers = await Promise.all(
    placed.map(async ({ order: { id } }) => {
      const order = await stage.until(id, isOver);
      const journal = await stage.journal(id);
      return { order, captured: captures({ order, journal }) };
    }),
  );
  const sold = buyers.filter(({ order }) => order.status === 'confirmed');
  stage.tell(
    `${sold.length} buyers have one: ${sold.map(({ order }) => order.customerId.replace(/^.*-/, '')).join(', ')}`,
  );
  return { units: UNITS, buyers, after: await stage.shelf(sku) };
}

export function checkFlashSale({ units, buyers, after }: Facts): Check[] {
  const sold = buyers.filter(({ order }) => order.status === 'confirmed');
  const lost = buyers.filter(({ order }) => order.status !== 'confirmed');
  // The contract with clients is that the code contains `stock`.
  const codes = lost.map(({ order }) => (order.rejection?.code.includes('stock') ? 'out of stock' : statusOf(order)));
  return [
    check('sold', `${units} orders confirmed`, `${sold.length} orders confirmed`),
    check('others', `${buyers.length - units} × out of stock`, counted(codes)),
    check('charged', `${units} × 1 capture, ${oneFor(buyers)}`, counted(sold.map(({ captured }) => captured))),
    check('not charged', `${buyers.length - units} × no capture`, counted(lost.map(({ captured }) => captured))),
    checkShelf({ onHand: 0, reserved: 0 }, after),
  ];
}

const oneFor = ([first]: readonly Buyer[]): string =>
  first ? `${(first.order.totalMinor / 100).toFixed(2)} ${first.order.currency}` : '';

/** How often each text is there. */
function counted(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => `${count} × ${text}`).join(', ') || 'none';
}

/** Products to play with; prices in minor units. */
const products: readonly [sku: string, name: string, priceMinor: number, onHand: number][] = [
  ['espresso-beans', 'Espresso beans, 1 kg', 2190, 5_000],
  ['filter-papers', 'Filter papers, 100 pieces', 450, 5_000],
  ['moka-pot', 'Moka pot for six cups', 3490, 500],
  ['hand-grinder', 'Hand grinder with steel burrs', 8900, 200],
  ['milk-jug', 'Milk jug, 350 ml', 1890, 800],
  ['cup-set', 'Four espresso cups', 2900, 600],
  ['kettle', 'Gooseneck kettle', 5990, 300],
  ['kitchen-scale', 'Scale with timer', 4490, 400],
  ['descaler', 'Descaler, 500 ml', 1290, 2_000],
  ['barista-course', 'One evening with a barista', 7500, 12],
  ['limited-roast', 'Limited roast, 250 g', 1650, 3],
  ['sticker', 'A sticker, with our thanks', 0, 100_000],
];

/** Writes the demo catalogue through the api; what exists keeps its stock. Answers how many products are new. */
export async function provideCatalogue(apiUrl: string): Promise<number> {
  let created = 0;
  for (const [sku, name, priceMinor, onHand] of products) {
    const url = `${apiUrl}/products/${sku}`;
    if ((await fetch(url)).ok) continue;
    const body = JSON.stringify({ name, priceMinor, currency: 'EUR', onHand });
    const answer = await fetch(url, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body });
    if (!answer.ok) throw new Error(`PUT ${url} answered ${answer.status}: ${await answer.text()}`);
    created += 1;
  }
  return created;
}

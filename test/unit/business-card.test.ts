import { describe, expect, test } from '@jest/globals';
import { createOrderLinks } from '../../src/adapters/temporal/order-links.ts';
import { businessCard, returnWait, shipmentWait, type BusinessFacts } from '../../src/domain/business-card.ts';
import { openStory } from '../../src/workflows/story-lines.ts';

const until = '2026-12-01T00:00:00.000Z';
const facts: BusinessFacts = {
  ...{ title: '# Shipment 1', orderId: 'order_1', step: null, waits: null, parked: null },
  happened: ['pack-shipment: done'],
};

describe('the card of business beside an order', () => {
  test.each([
    ['packing', 'the warehouse to pack it', 'warehouse'],
    ['dispatch', 'the carrier to take it over; its label is made', 'warehouse'],
    ['delivery', 'the carrier to deliver it', 'carrier'],
  ] as const)('of a shipment in %s says whom it waits for', (what, whom, who) => {
    const card = businessCard({ ...facts, waits: shipmentWait({ orderId: 'order_1', number: 1, what, until }) });
    expect(card).toContain(`**Waits for** ${whom}. Until ${until}.\n\n**Who must act:** ${who}. `);
  });

  test.each([
    ['answer', 'operator', 'returns/2/approve'],
    ['goods', 'customer', 'returns/2/receive'],
  ] as const)('of a return that waits for its %s says who must act', (what, who, how) => {
    const card = businessCard({ ...facts, waits: returnWait({ orderId: 'order_1', number: 2, what, until }) });
    expect(card).toMatch(new RegExp(`\\*\\*Who must act:\\*\\* ${who}\\. .*${how}`));
  });

  test('that is parked has an operator before anybody else', () => {
    const waits = shipmentWait({ orderId: 'order_1', number: 1, what: 'delivery', until });
    const parked = { step: 'deliver-shipment', reason: 'The parcel is lost.', since: null } as const;
    const card = businessCard({ ...facts, waits, parked });
    expect(card).toContain('**Waits for** an operator’s decision about delivering a shipment: The parcel is lost.\n');
    expect(card).toContain('**Who must act:** operator. Decide: retry, skip (POST /orders/order_1/resolution).');
    expect(businessCard({ ...facts, parked: { ...parked, since: until } })).toContain(`"since": "${until}"`);
    expect(card).not.toContain('carrier.');
  });

  test('that is under way says at what, and one that is over waits for nothing', () => {
    expect(businessCard({ ...facts, step: 'create-shipment' })).toContain(
      '**Under way:** the carrier’s label of a shipment.',
    );
    expect(businessCard(facts)).toBe('# Shipment 1\n\n## What happened\n\n- pack-shipment: done\n');
  });

  test('keeps the newest of a long life', () => {
    const happened = Array.from({ length: 40 }, (_, index) => `news ${index}`);
    const card = businessCard({ ...facts, happened });
    expect(card).toContain('- news 39');
    expect(card).not.toContain('- news 9\n');
  });
});

describe('what happened', () => {
  test('is one line for a step that is tried again, and another once something else has happened', () => {
    const story = openStory();
    story.begin('pack-shipment', 'under way');
    story.replace('pack-shipment', 'done');
    story.begin('pack-shipment', 'under way');
    expect(story.lines()).toEqual(['pack-shipment: under way']);
    story.add('anna decided: retry');
    story.begin('pack-shipment', 'under way');
    expect(story.lines()).toEqual(['pack-shipment: under way', 'anna decided: retry', 'pack-shipment: under way']);
  });

  test('keeps apart what goes on at the same time', () => {
    const story = openStory();
    story.begin('ship-order', 'under way');
    story.begin('shipment 1', 'under way');
    story.replace('ship-order', 'done');
    expect(story.lines()).toEqual(['ship-order: done', 'shipment 1: under way']);
  });
});

test('links lead to the order, its explanation, its events, and all workflows whose ids begin with its own', () => {
  const linksOf = createOrderLinks({ publicUrl: 'https://api', uiUrl: 'https://ui/x', namespace: 'shop' });
  const links = [...linksOf({ orderId: 'order_1' }).matchAll(/\(([^)]+)\)/g)].map(([, link = '']) => link);
  expect(links.slice(0, 3)).toEqual([
    'https://api/console/orders/order_1',
    'https://api/orders/order_1/explanation?format=markdown',
    'https://api/orders/order_1/events',
  ]);
  const all = new URL(links[3] ?? '');
  expect(all.origin + all.pathname).toBe('https://ui/x/namespaces/shop/workflows');
  expect(all.searchParams.get('query')).toBe('WorkflowId STARTS_WITH "order_1"');
});

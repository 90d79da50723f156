// The rules for a pricing: what the transaction that accepts an order relies on.
import { MAX_TOTAL_MINOR } from '../../domain/money.ts';
import { flawOf, type Totals } from '../../domain/totals.ts';
import type { OrderPricing, PricingRequest } from '../../ports/pricing.ts';
import { expectThat, type Check } from '../check.ts';
import type { PricingConformance } from '../pricing-module.ts';
import { runChecks, type Suite } from '../run.ts';

type World = { pricing: OrderPricing; requests: readonly PricingRequest[] };

/** A tenth of what a statement of the accepting transaction may take: the connection is held meanwhile. */
const QUICK_MS = 500;

/** One cent, an odd price, an amount that no percentage divides, and the most that can be charged. */
const lines = [
  [{ sku: 'conformance-a', name: 'A', quantity: 1, unitPriceMinor: 1 }],
  [
    { sku: 'conformance-a', name: 'A', quantity: 3, unitPriceMinor: 333 },
    { sku: 'conformance-b', name: 'B', quantity: 7, unitPriceMinor: 1_999 },
  ],
  [{ sku: 'conformance-c', name: 'C', quantity: 10_000, unitPriceMinor: 7 }],
  [{ sku: 'conformance-d', name: 'D', quantity: 1, unitPriceMinor: 0 }],
] as const;

const checks: readonly Check<World>[] = [
  {
    id: 'totals.sound',
    rule: 'All amounts are whole minor units, none negative; the lines come to what they come to; no discount is more than they do',
    why: 'An order whose totals are flawed is refused with a 503, however often the customer tries.',
    reliedOnBy: 'adapters/postgres/acceptance.ts flawOf',
    run: ({ pricing, requests }) =>
      forEach(requests, async (request) => flawOf(await pricing.totalsOf(request), request)),
  },
  {
    id: 'totals.chargeable',
    rule: `A small order costs no more than can be charged (${MAX_TOTAL_MINOR} minor units)`,
    why: 'An amount that was read in the wrong unit is a thousand orders at once that nobody can pay.',
    reliedOnBy: 'domain/pricing.ts priceOrder',
    run: ({ pricing, requests }) =>
      forEach(requests, async (request) => {
        const { linesMinor, discountMinor, shippingMinor, taxMinor } = await pricing.totalsOf(request);
        const mostMinor = linesMinor - discountMinor + shippingMinor + taxMinor;
        return mostMinor <= MAX_TOTAL_MINOR ? null : `it costs ${mostMinor}`;
      }),
  },
  {
    id: 'totals.same-again',
    rule: 'The same order costs the same again',
    why: 'A transaction that is tried again prices anew; a customer who was shown a price pays it.',
    reliedOnBy: 'domain/pricing.ts priceOrder',
    run: ({ pricing, requests }) =>
      forEach(requests, async (request) => {
        const [one, other] = [await pricing.totalsOf(request), await pricing.totalsOf(structuredClone(request))];
        return said(one) === said(other) ? null : `first ${said(one)}, then ${said(other)}`;
      }),
  },
  {
    id: 'totals.no-fee-without-address',
    rule: 'An order that ships nowhere pays no shipping',
    why: 'Nothing is brought to it.',
    reliedOnBy: 'domain/totals.ts totalsBy',
    run: ({ pricing, requests }) =>
      forEach(
        requests.filter(({ country }) => country === null),
        async (request) => {
          const { shippingMinor } = await pricing.totalsOf(request);
          return shippingMinor === 0 ? null : `shipping of ${shippingMinor}`;
        },
      ),
  },
  {
    id: 'totals.own',
    rule: 'Orders that are priced at once do not disturb each other, and what was asked with is left as it is',
    why: 'An api prices many orders at the same moment.',
    reliedOnBy: 'adapters/postgres/acceptance.ts totalsOf',
    run: async ({ pricing, requests }) => {
      const alone: string[] = [];
      for (const request of requests) alone.push(said(await pricing.totalsOf(structuredClone(request))));
      const frozen = requests.map((request) => deepFrozen(structuredClone(request)));
      const together = await Promise.all(frozen.map(async (request) => said(await pricing.totalsOf(request))));
      const odd = together.findIndex((totals, index) => totals !== alone[index]);
      expectThat(odd < 0, `${nameOf(requests[odd])}: alone ${alone[odd]}, together ${together[odd]}`);
      return `${requests.length} at once`;
    },
  },
  {
    id: 'totals.quick',
    rule: `It answers within ${QUICK_MS} ms`,
    why: 'It is asked inside the transaction that accepts the order: a slow one holds a connection of the database for every customer who waits.',
    reliedOnBy: 'ports/pricing.ts totalsOf',
    run: ({ pricing, requests }) =>
      forEach(requests, async (request) => {
        const begun = performance.now();
        const totals = pricing.totalsOf(request);
        const late = new Promise<null>((resolve) => setTimeout(resolve, QUICK_MS, null).unref());
        const isInTime = (await Promise.race([totals, late])) !== null;
        return isInTime ? null : `no answer after ${Math.round(performance.now() - begun)} ms`;
      }),
  },
];

export const pricingSuite: Suite<PricingConformance> = {
  checks,
  run: (module, options) =>
    runChecks(
      checks,
      async () => ({
        world: { pricing: await module.create(), requests: requestsOf(module) },
        close: () => Promise.resolve(),
      }),
      options,
    ),
};

function requestsOf({
  currencies = ['EUR', 'JPY', 'BHD'],
  countries = ['DE', 'FR', 'US'],
}: PricingConformance): PricingRequest[] {
  return currencies.flatMap((currency) =>
    [...countries, null].flatMap((country) =>
      lines.map((some) => ({
        ...{ tenant: 'local', currency, country, lines: some },
        linesMinor: some.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0),
      })),
    ),
  );
}

/** The first flaw breaks the rule. */
async function forEach(
  requests: readonly PricingRequest[],
  look: (request: PricingRequest) => Promise<string | null>,
): Promise<string> {
  for (const request of requests) {
    const flaw = await look(request);
    expectThat(flaw === null, `${nameOf(request)}: ${flaw}`);
  }
  return `${requests.length} orders`;
}

const nameOf = (request: PricingRequest | undefined): string =>
  `${request?.linesMinor} ${request?.currency} to ${request?.country ?? 'nowhere'}`;

const said = ({ linesMinor, discountMinor, shippingMinor, taxMinor, taxIncluded }: Totals): string =>
  `lines ${linesMinor}, discount ${discountMinor}, shipping ${shippingMinor}, tax ${taxMinor}${taxIncluded ? ' included' : ''}`;

function deepFrozen<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFrozen(inner as object);
  return Object.freeze(value);
}

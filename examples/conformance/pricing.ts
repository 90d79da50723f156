// The pricing by configuration, for the conformance suite (docs/adapters.md). To be copied.
//
//   npm run conformance -- pricing examples/conformance/pricing.ts
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import type { PricingModule } from '../../src/conformance/pricing-module.ts';

const pricing: PricingModule = () => {
  return {
    name: 'Fees and rates by configuration',
    create: () =>
      createConfiguredPricing({
        shippingFees: [
          { currency: 'EUR', country: 'DE', amountMinor: 490 },
          { currency: 'EUR', country: '*', amountMinor: 990 },
        ],
        taxRates: [{ country: '*', hundredths: 1_900 }],
        taxIncluded: true,
      }),
  };
};

export default pricing;

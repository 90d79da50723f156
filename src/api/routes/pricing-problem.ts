import type { PricingRefusal, RequestedLine } from '../../domain/pricing.ts';
import { Problem, type FieldError, type ProblemSlug } from '../middleware/problems.ts';

/** Why an order has no price, with a pointer to every line of the request that is at fault, or to all of them together. */
export function pricingProblem(refused: PricingRefusal, items: readonly RequestedLine[]): Problem {
  const linesOf = (field: 'sku' | 'quantity', sku: string, message: string): FieldError[] =>
    items.flatMap((line, index) => (line.sku === sku ? [{ pointer: `/items/${index}/${field}`, message }] : []));

  switch (refused.reason) {
    case 'unknown-sku':
      return new Problem('unknown-sku', `Not in the catalogue: ${refused.skus.join(', ')}`, {
        errors: refused.skus.flatMap((sku) => linesOf('sku', sku, `${sku} is not in the catalogue`)),
      });
    case 'mixed-currencies':
      return problemOfItems('mixed-currencies', `Found ${refused.currencies.join(' and ')}`);
    case 'quantity-too-large': {
      const message = `Too many units of ${refused.sku}, all its lines together`;
      return new Problem('amount-too-large', message, { errors: linesOf('quantity', refused.sku, message) });
    }
    case 'total-too-large':
      return problemOfItems(
        'amount-too-large',
        `The total of ${refused.totalMinor} minor units is more than a charge can take`,
      );
  }
}

const problemOfItems = (slug: ProblemSlug, message: string): Problem =>
  new Problem(slug, message, { errors: [{ pointer: '/items', message }] });

import type { ReturnNotAccepted } from '../../ports/return.ts';
import { Problem } from '../middleware/problems.ts';

type Why = Exclude<ReturnNotAccepted, { keyReused: true }>;

/** Why a return is not accepted, or can not be decided so, as an answer. `items` are those of the request. */
export function returnProblem(why: Why, items: readonly { sku: string }[] = []): Problem {
  switch (why.refused) {
    case 'unknown':
      return new Problem('order-not-found', 'No order has this id');
    case 'absent':
      return new Problem('return-not-found', 'The order has no return of this number');
    case 'status':
      return new Problem('order-not-returnable', `The order is ${why.status}: nothing of it was sold for good`);
    case 'nothing-shipped':
      return new Problem('order-not-returnable', 'No carrier has taken anything of it over: cancel it instead');
    case 'too-many':
      return new Problem('too-many-returns', `An order has at most ${why.atMost} of them`);
    case 'standing':
      return new Problem('return-decided', `The return is ${why.status}`);
    case 'unknown-warehouse':
      return new Problem('unknown-warehouse', 'No warehouse has this id');
    case 'unknown-line':
      return new Problem('unknown-line', 'It can not come back with this', at(items, why.sku, 'is not in it'));
    case 'units': {
      const { wanted, left } = why;
      const detail = `${wanted} units of one line are named, ${left} can come back`;
      return new Problem('return-too-large', detail, at(items, why.sku, `${left} units can come back`));
    }
  }
}

const at = (items: readonly { sku: string }[], sku: string, message: string) => ({
  errors: items.flatMap((item, index) => (item.sku === sku ? [{ pointer: `/items/${index}/sku`, message }] : [])),
});

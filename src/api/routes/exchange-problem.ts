import type { ExchangeRefusal } from '../../ports/acceptance.ts';
import { Problem } from '../middleware/problems.ts';

/** Why no order can be placed in exchange for the return, as an answer. */
export function exchangeProblem(why: ExchangeRefusal): Problem {
  switch (why.refused) {
    case 'unknown':
      return new Problem('unknown-return', 'This customer has no such return', {
        errors: [{ pointer: '/exchangeOf', message: 'is no return of an order of this customer' }],
      });
    case 'standing':
      return new Problem(
        'return-not-exchangeable',
        `The return is ${why.status}: only one that was approved is exchanged`,
      );
    case 'exchanged':
      return new Problem('return-exchanged', `Order ${why.orderId} was placed in exchange for it`);
  }
}

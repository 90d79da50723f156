// Serves those who wait for stock. What must stay true: it looks only where a commit has left a mark, and a mark goes only once there is
// nothing more to give; an order that got something is told until its workflow has taken that into account.
import type { Backorders, StockMark, StockTeller } from '../ports/backorder.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

// Products at once: each takes a connection of the pool.
const PRODUCTS = 3;
const ORDERS = 100;
const PAUSE_MS = 500;
// Fills of one product in a turn: well within the time that a mark is claimed for. The rest is for the next claim.
const FILLS_IN_A_TURN = 50;

type Options = { backorders: Backorders; teller: StockTeller; logger: Logger; mayWork?: MayWork };

/** Any process may run it: who is served next is decided with the product's stock locked. */
export const createBackorderLoop = ({ backorders, teller, logger, mayWork }: Options): Loop =>
  createLoop({
    mayWork,
    name: 'backorders',
    pauseMs: PAUSE_MS,
    logger,
    work: async () => {
      const marks = await backorders.claimDue({ limit: PRODUCTS });
      await Promise.all(marks.map((mark) => serve(backorders, mark)));
      const orders = await backorders.claimNews({ limit: ORDERS });
      // Where none runs, the launcher brings one back, which finds what has come by itself.
      await Promise.all(orders.map((order) => teller.tellOfStock(order)));
      return marks.length === PRODUCTS || orders.length === ORDERS;
    },
  });

async function serve(backorders: Backorders, mark: StockMark): Promise<void> {
  const { tenant, sku } = mark;
  for (let fills = 0; fills < FILLS_IN_A_TURN; fills += 1)
    if ((await backorders.fillNext({ tenant, sku })) === 'nothing') return backorders.finish(mark);
}

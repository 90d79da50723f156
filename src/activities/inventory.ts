import type { ReserveOutcome, ReserveRequest, UndoRequest } from '../contracts/process-order.ts';
import { endingFailure, rejectionFailure } from '../contracts/failures.ts';
import { describeShortages } from '../domain/allocation.ts';
import { RejectionCode } from '../domain/rejection.ts';
import type { Inventory } from '../ports/inventory.ts';

export const createInventoryActivities = ({ inventory }: { inventory: Inventory }) => ({
  /** Holds stock for every line or none; answers whether somebody has to look at the order now. Fails with a rejection when there is too little, with an ending when undone. */
  async reserveInventory({ orderId, review }: ReserveRequest): Promise<ReserveOutcome> {
    const result = await inventory.reserve({ orderId, review });
    if ('ending' in result) throw endingFailure(result.ending);
    if ('shortages' in result) {
      throw rejectionFailure({ code: RejectionCode.outOfStock, message: describeShortages(result.shortages) });
    }
    return result.review && { review: result.review };
  },

  /** Undo of reserveInventory: fences it, then frees what is held. Harmless when nothing is, and twice. */
  async releaseInventory({ orderId, ending }: UndoRequest): Promise<void> {
    await inventory.release({ orderId, ending });
  },
});

// Returns, as far as they touch only our own tables: all of it. The refund of what came is paid by a workflow of its own.
import type {
  AwaitReturnRequest,
  LookAtReturnRequest,
  RejectReturnRequest,
  ReturnRef,
  ReturnStanding,
} from '../contracts/return-order.ts';
import type { OrderSteps } from '../ports/order.ts';
import type { ReturnRecords } from '../ports/return.ts';

type Dependencies = { returns: ReturnRecords; orders: Pick<OrderSteps, 'clearParked'> };

export const createReturnActivities = ({ returns, orders }: Dependencies) => ({
  /** How the return stands. What an earlier run of its workflow has left parked is over. */
  async findReturn({ parked, ...ref }: LookAtReturnRequest): Promise<ReturnStanding> {
    const standing = await returns.find(ref);
    if (parked) await orders.clearParked(parked);
    return standing;
  },

  /** Shows until when it is waited for. Answers for how long yet. */
  async awaitReturn(request: AwaitReturnRequest): Promise<{ leftMs: number }> {
    return returns.await(request);
  },

  /** Says that somebody takes long. */
  async noteReturnDelay(ref: ReturnRef): Promise<void> {
    await returns.noteDelay(ref);
  },

  /** An operator says no in the place of whoever should have answered. */
  async rejectReturn(request: RejectReturnRequest): Promise<ReturnStanding> {
    return returns.reject(request);
  },

  /** The goods did not come in time. */
  async expireReturn(ref: ReturnRef): Promise<ReturnStanding> {
    return returns.expire(ref);
  },

  /** Completes it when what came is given back for, or when nothing is owed. */
  async settleReturn({ parked, ...ref }: LookAtReturnRequest): Promise<ReturnStanding> {
    const standing = await returns.settle(ref);
    if (parked) await orders.clearParked(parked);
    return standing;
  },

  /** Asks once more for the refund of what came. */
  async askReturnRefund(ref: ReturnRef): Promise<ReturnStanding> {
    return returns.askRefund(ref);
  },

  /** A person takes it as it is that nothing was given back. */
  async acceptReturn(ref: ReturnRef): Promise<ReturnStanding> {
    return returns.accept(ref);
  },
});

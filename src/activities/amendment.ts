// The steps of an amendment that touch only our own tables: what may be refused is a business no, read by its workflow.
import type { AmendmentRef, AmendOutcome, RefuseAmendmentRequest } from '../contracts/amend-order.ts';
import { rejectionFailure } from '../contracts/failures.ts';
import type { AmendmentRecords } from '../ports/amendment.ts';

export const createAmendmentActivities = ({ amendments }: { amendments: AmendmentRecords }) => ({
  /** Holds the units that are added, all or none. Fails with a rejection when there is too little, or the order has moved on. */
  async holdAmendment({ orderId, number }: AmendmentRef): Promise<void> {
    const result = await amendments.hold({ orderId, number });
    if ('refusal' in result) throw rejectionFailure(result.refusal);
  },

  /** The pivot: the order becomes what was asked for. Fails with a rejection when it has moved on. */
  async applyAmendment({ orderId, number }: AmendmentRef): Promise<void> {
    const result = await amendments.apply({ orderId, number });
    if ('refusal' in result) throw rejectionFailure(result.refusal);
  },

  /** The end of one whose money is undone: frees what it holds. Answers with what stands. */
  async closeAmendment(request: RefuseAmendmentRequest): Promise<AmendOutcome> {
    return amendments.refuse(request);
  },
});

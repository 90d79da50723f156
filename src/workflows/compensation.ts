// Undoing what was done, last in first out. What must stay true: an undo is armed before its step (a step that failed
// without an answer may have happened), runs to its end whatever is cancelled meanwhile, and is never swallowed: one that
// exhausts its bound parks and waits for an operator.
import type { ArmedUndo, CarriedOrder } from '../contracts/process-order.ts';
import type { Ending } from '../domain/rejection.ts';
import type { OrderActivities } from './activity-proxies.ts';
import type { Parking } from './parking.ts';

type Undo = {
  run: (ending: Ending) => Promise<void>;
  /** Takes what an operator did by hand as the undo's result, once it is verified. */
  skip?: (ending: Ending, value: string) => Promise<void>;
};

const ordinalOf = (undo: ArmedUndo): number | null => (undo.step === 'refund-payment' ? undo.ordinal : null);
const isSame =
  (undo: ArmedUndo) =>
  (other: ArmedUndo): boolean =>
    undo.step === other.step && ordinalOf(undo) === ordinalOf(other);

export type Compensations = ReturnType<typeof createCompensations>;

export function createCompensations({
  orderId,
  activities,
  parking,
}: {
  orderId: string;
  activities: Pick<OrderActivities, 'releaseInventory' | 'refundPayment' | 'adoptRefund'>;
  parking: Pick<Parking, 'runUndo'>;
}) {
  const armed: ArmedUndo[] = [];
  let undoing: Ending | null = null;

  function undoOf(one: ArmedUndo): Undo {
    switch (one.step) {
      case 'release-inventory':
        return { run: (ending) => activities.releaseInventory({ orderId, ending }) };
      case 'refund-payment': {
        const attempt = { orderId, ordinal: one.ordinal };
        return {
          run: (ending) => activities.refundPayment({ ...attempt, ending }),
          skip: (ending, refundId) => activities.adoptRefund({ ...attempt, ending, refundId }),
        };
      }
    }
  }

  return {
    /** To be called before the step: the undo must be harmless when the step never happened. */
    arm: (...undos: readonly ArmedUndo[]) => void armed.push(...undos.filter((undo) => !armed.some(isSame(undo)))),

    /** From now on everything is to be undone, to end that way; null: no more, it turned out to be sold. */
    begin: (ending: Ending | null): void => {
      undoing = ending;
    },

    isBegun: (): boolean => undoing !== null,

    /** What another run could not know from the rows, before the first undo has written it there. */
    handOn: (): Pick<CarriedOrder, 'undoing'> => (undoing ? { undoing: { ending: undoing, armed: [...armed] } } : {}),

    /** Runs every armed undo, the last armed first; answers with the ending it was done for. */
    async unwind(ending: Ending): Promise<Ending> {
      for (let last = armed.at(-1); last; last = armed.at(-1)) {
        const { run, skip } = undoOf(last);
        await parking.runUndo(last.step, () => run(ending), skip && ((value) => skip(ending, value)));
        armed.pop();
      }
      return ending;
    },
  };
}

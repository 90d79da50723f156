// Undoing what was done, last in first out. What must stay true: an undo is armed before its step (a step that failed
// without an answer may have happened), runs to its end whatever is cancelled meanwhile, and is never swallowed: one that
// exhausts its bound parks and waits for an operator.
import type { OrderStep } from '../domain/order.ts';
import type { Ending } from '../domain/rejection.ts';
import type { Parking } from './parking.ts';

type Undo = { step: OrderStep; run: (ending: Ending) => Promise<void> };

export type Compensations = {
  arm: (step: OrderStep, run: Undo['run']) => void;
  unwind: (ending: Ending) => Promise<Ending>;
};

export function createCompensations({ parking }: { parking: Pick<Parking, 'runUndo'> }): Compensations {
  const armed: Undo[] = [];
  return {
    /** To be called before the step: the undo must be harmless when the step never happened. */
    arm: (step, run) => void armed.push({ step, run }),

    /** Runs every armed undo, the last armed first; answers with the ending it was done for. */
    async unwind(ending) {
      for (const { step, run } of armed.reverse()) await parking.runUndo(step, () => run(ending));
      return ending;
    },
  };
}

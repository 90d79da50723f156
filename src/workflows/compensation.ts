// Undoing what was done, last in first out. What must stay true: an undo is armed before its step (a step that failed
// without an answer may have happened), runs to its end whatever is cancelled meanwhile, and is never swallowed: one that
// exhausts its bound parks and waits for an operator.
import type { OrderStep } from '../domain/order.ts';
import type { Ending } from '../domain/rejection.ts';
import type { Parking } from './parking.ts';

type Undo = {
  step: OrderStep;
  run: (ending: Ending) => Promise<void>;
  /** Takes what an operator did by hand as the undo's result, once it is verified. */
  skip?: (ending: Ending, value: string) => Promise<void>;
};

export type Compensations = {
  arm: (step: OrderStep, run: Undo['run'], skip?: Undo['skip']) => void;
  unwind: (ending: Ending) => Promise<Ending>;
};

export function createCompensations({ parking }: { parking: Pick<Parking, 'runUndo'> }): Compensations {
  const armed: Undo[] = [];
  return {
    /** To be called before the step: the undo must be harmless when the step never happened. */
    arm: (step, run, skip) => void armed.push({ step, run, ...(skip ? { skip } : {}) }),

    /** Runs every armed undo, the last armed first; answers with the ending it was done for. */
    async unwind(ending) {
      for (const { step, run, skip } of [...armed].reverse()) {
        await parking.runUndo(step, () => run(ending), skip && ((value) => skip(ending, value)));
      }
      return ending;
    },
  };
}

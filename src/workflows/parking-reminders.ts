// The wait of a parked workflow. What must stay true: what nobody has looked at is told again, and a reminder that can not be
// recorded never ends the wait.
import { condition, isCancellation, patched, TemporalFailure } from '@temporalio/workflow';
import type { Reminded } from '../contracts/parking.ts';

// Once a day somebody hears again of what nobody has looked at. A reminder costs about six history events, so a year of them
// stays far below a history's limit.
const PARKED_REMINDER_MS = 24 * 3_600_000;

/** `everyMs` undefined: once a day. `remind` answers nothing in histories from before reminders had an answer. */
export type Reminding = { everyMs: number | undefined; remind: () => Promise<Reminded | undefined> };

/** Until somebody decides, or there are news; true when a reminder finds that there is nothing left to decide. */
export async function waitWithReminders(
  isResolved: () => boolean,
  { everyMs = PARKED_REMINDER_MS, remind }: Reminding,
): Promise<boolean> {
  // Orders that were parked before there were reminders go on waiting in silence: their history has no timer.
  if (!patched('parked-order-reminds')) {
    await condition(isResolved);
    return false;
  }
  while (!(await condition(isResolved, everyMs, { summary: 'Parked: remind of it, if nobody has decided by then' }))) {
    try {
      // Reminders that were recorded before they had an answer have none.
      if ((await remind())?.isOver) return true;
    } catch (error) {
      // One that can not be recorded is left to the next: nothing moves by it.
      if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
    }
  }
  return false;
}

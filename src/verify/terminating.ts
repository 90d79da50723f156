// Somebody ends workflows of open orders in Temporal (`temporal workflow terminate`): nothing in them is undone or told, and the
// activities they wait for go on. The launcher or the next comparison of the books must take the orders up again.
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Outcome } from './schedule.ts';
import type { VerifyStack } from './stack.ts';

const WITHIN_MS = 20_000;
const PAUSE_MS = 500;
const LIMIT_MS = 4_000;

/** Ends the workflows of at most `atMost` open orders; tries for a while, where nothing can be asked just now. */
export async function terminateWorkflows(stack: VerifyStack, atMost: number): Promise<Outcome> {
  const ended: string[] = [];
  let sure = 0;
  for (const until = Date.now() + WITHIN_MS; sure === 0 && Date.now() < until; await sleep(PAUSE_MS)) {
    for (const id of await findOpen(stack, atMost).catch(() => [])) {
      const answer = await terminate(stack, id);
      if (answer === 'was over') continue;
      ended.push(id);
      if (answer === 'ended') sure += 1;
    }
  }
  return { detail: `${sure} of them`, hit: sure > 0, ended };
}

async function findOpen({ db }: VerifyStack, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from orders where closed_at is null order by random() limit $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

async function terminate(
  { temporal }: VerifyStack,
  workflowId: string,
): Promise<'ended' | 'was over' | 'nobody knows'> {
  try {
    await temporal.connection.withDeadline(Date.now() + LIMIT_MS, () =>
      temporal.workflow.getHandle(workflowId).terminate('somebody has ended it'),
    );
    return 'ended';
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? 'was over' : 'nobody knows';
  }
}

// A decision about many orders, worked off. What must stay true: each order is told once (the update's id is the decision's),
// gets one outcome, and whoever takes over after a crash goes on where the rows end.
import { Context } from '@temporalio/activity';
import type { ResolveManyInput } from '../contracts/resolve-many.ts';
import type { OrderResolver } from '../ports/resolution.ts';
import type { ManyResolutionWork, Turn } from '../ports/resolve-many.ts';

// Few at once: what is resolved begins to work, and the provider may only just be well again.
const AT_ONCE = 4;
// An activity's worth: some seconds of work, and few history events for many orders.
const MAX_ROUNDS = 25;
const RESOLVE_WITHIN_MS = 5_000;
/** Tries of this activity after which an order that does not answer is left to a person. */
const MAX_TRIES = 5;

type Dependencies = { work: ManyResolutionWork; resolver: OrderResolver };
type Next = Awaited<ReturnType<ManyResolutionWork['next']>>;

export const createResolveManyActivities = ({ work, resolver }: Dependencies) => ({
  /** Tells the next orders; answers whether there may be more. Fails, to be tried again, when some did not answer. */
  async resolveNextOrders({ resolutionId }: ResolveManyInput): Promise<boolean> {
    const unanswered: string[] = [];
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const { decision, turns } = await work.next({ resolutionId, limit: AT_ONCE, except: unanswered });
      if (turns.length === 0) {
        if (unanswered.length > 0) throw new Error(`${unanswered.length} orders did not answer`);
        return false;
      }
      const tell = (turn: Turn) => tellOrder({ work, resolver }, { resolutionId, decision, turn });
      const told = await Promise.all(turns.map(tell));
      unanswered.push(...turns.filter((_turn, index) => !told[index]).map(({ orderId }) => orderId));
    }
    return true;
  },

  /** Writes down that it is over. `cancelledBy` when the workflow was cancelled in Temporal. */
  async finishResolution(request: ResolveManyInput & { cancelledBy: string | null }): Promise<void> {
    await work.finish(request);
  },
});

/** False when the order did not answer and may be asked again. */
async function tellOrder(
  { work, resolver }: Dependencies,
  { resolutionId, decision, turn }: { resolutionId: string; decision: Next['decision']; turn: Turn },
): Promise<boolean> {
  const { orderId, workflowId, isResolved, stillParked } = turn;
  const record = async (outcome: 'resolved' | 'refused' | 'unanswered', detail: string | null): Promise<true> => {
    await work.record({ resolutionId, orderId, outcome, detail });
    return true;
  };
  // Told by an attempt that died before it could write that down.
  if (isResolved) return record('resolved', null);
  if (!stillParked) return record('refused', 'The order is no longer parked as it was when this was decided');

  const resolution = { ...decision, resolutionId, bulkId: resolutionId };
  try {
    const resolving = await resolver.resolve({ workflowId, resolution, withinMs: RESOLVE_WITHIN_MS });
    if ('resolved' in resolving) return await record('resolved', null);
    return await record('refused', 'refused' in resolving ? resolving.refused : 'No workflow runs for the order');
  } catch (error) {
    if (Context.current().info.attempt < MAX_TRIES) return false;
    return record('unanswered', error instanceof Error ? error.message.slice(0, 200) : String(error));
  }
}

// A decision about many parked steps, worked off. What must stay true: each is told once (the update's id is the decision's),
// gets one outcome, and whoever takes over after a crash goes on where the rows end.
import { Context } from '@temporalio/activity';
import type { ResolveManyInput } from '../contracts/resolve-many.ts';
import { sayParked } from '../domain/resolution.ts';
import type { OrderResolver } from '../ports/resolution.ts';
import type { BulkOutcome, ManyResolutionWork, Turn } from '../ports/resolve-many.ts';

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
      unanswered.push(...turns.filter((_turn, index) => !told[index]).map(({ workflowId }) => workflowId));
    }
    return true;
  },

  /** Writes down that it is over. `cancelledBy` when the workflow was cancelled in Temporal. */
  async finishResolution(request: ResolveManyInput & { cancelledBy: string | null }): Promise<void> {
    await work.finish(request);
  },
});

/** False when the workflow did not answer and may be asked again. An outcome that can not be kept fails the activity. */
async function tellOrder(
  { work, resolver }: Dependencies,
  { resolutionId, decision, turn }: { resolutionId: string; decision: Next['decision']; turn: Turn },
): Promise<boolean> {
  const told = await outcomeOf(resolver, { resolutionId, decision, turn });
  if (!told) return false;
  await work.record({ resolutionId, workflowId: turn.workflowId, ...told });
  return true;
}

type Told = { outcome: BulkOutcome; detail: string | null };
const resolved: Told = { outcome: 'resolved', detail: null };
// Up to a hundred of them are shown in one answer.
const MAX_DETAIL_LENGTH = 300;
const refused = (detail: string): Told => ({ outcome: 'refused', detail: detail.slice(0, MAX_DETAIL_LENGTH) });

async function outcomeOf(
  resolver: OrderResolver,
  { resolutionId, decision, turn }: { resolutionId: string; decision: Next['decision']; turn: Turn },
): Promise<Told | null> {
  const { workflowId, isResolved, about } = turn;
  // Told by an attempt that died before it could write that down.
  if (isResolved) return resolved;
  if (!about) return refused(passedOver(turn));
  const resolution = { ...decision, resolutionId, bulkId: resolutionId, about };
  try {
    const resolving = await resolver.resolve({ workflowId, resolution, withinMs: RESOLVE_WITHIN_MS });
    if ('resolved' in resolving) return resolved;
    return refused('refused' in resolving ? resolving.refused : 'The workflow that waited does not run');
  } catch (error) {
    if (Context.current().info.attempt < MAX_TRIES) return null;
    return { outcome: 'unanswered', detail: error instanceof Error ? error.message.slice(0, 200) : String(error) };
  }
}

/** Nobody has decided about what it is parked at now: it was not there when the steps were chosen. */
const passedOver = ({ parkedAnew }: Turn): string =>
  `It is no longer parked as it was when this was decided${parkedAnew ? `. ${sayParked(parkedAnew)}` : ''}`;

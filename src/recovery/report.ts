import type { DatabaseWitness } from '../contracts/process-order.ts';
import type { RecoveryPlan } from '../domain/recovery.ts';
import type { ClosedPayment } from '../ports/recovery.ts';

type Settled = { how: 'rebuilt' | 'restarted'; plan: RecoveryPlan; omitted: readonly string[] };
type Finish = { epoch: number; feedFrom: number; feedTo: number };
export type Report = ReturnType<typeof createReport>;

/** What a recovery has seen and done, for the person who runs it. */
export function createReport({ dryRun }: { dryRun: boolean }) {
  const orders = new Map<string, Settled>();
  const lost = new Map<string, string>();
  const strange: { orderId: string; providerId: string }[] = [];
  const disputed = new Map<string, string>();
  const comparisons: string[] = [];
  let highest: DatabaseWitness = { epoch: 1, position: 0 };
  let end: Finish | null = null;

  const withDoubt = () => [...orders].filter(([, { plan }]) => plan.doubt !== null);
  const count = (how: Settled['how']): number => [...orders.values()].filter((order) => order.how === how).length;

  return {
    witnessed: (database: DatabaseWitness | null): void => {
      if (!database) return;
      const { epoch, position } = database;
      highest = { epoch: Math.max(epoch, highest.epoch), position: Math.max(position, highest.position) };
    },
    highest: () => highest,
    settled: (orderId: string, settled: Settled): void => void orders.set(orderId, settled),
    lost: (orderId: string, why: string): void => void lost.set(orderId, why),
    strange: (payment: { orderId: string; providerId: string }): void => void strange.push(payment),
    disputed: ({ orderId, paymentId }: ClosedPayment): void => void disputed.set(paymentId, orderId),
    comparisonEnded: (workflowId: string): void => void comparisons.push(workflowId),
    finished: (finish: Finish): void => void (end = finish),
    /** Whether something is left that only a person can put right, outside of this service. */
    needsPerson: (): boolean => lost.size > 0 || strange.length > 0,

    lines: (): string[] => [
      ...[...orders].map(([orderId, settled]) => `${settled.how.padEnd(10)} ${orderId}${remarkOf(settled)}`),
      ...[...lost].map(([orderId, why]) => `lost       ${orderId}: ${why}`),
      ...strange.map(
        ({ orderId, providerId }) => `payment    ${providerId} names ${orderId}, which nobody knows any more`,
      ),
      ...[...disputed].map(([paymentId, orderId]) => `disputed   ${orderId}: what became of ${paymentId} is looked at`),
      ...comparisons.map(
        (workflowId) => `comparison ${workflowId} ${dryRun ? 'would be ended' : 'was ended'}: compare again`,
      ),
      `${dryRun ? 'Would be: ' : ''}${count('rebuilt')} rebuilt, ${count('restarted')} restarted, ` +
        `${withDoubt().length} of them to be parked, ${lost.size} lost, ${strange.length} payments of unknown orders, ` +
        `${disputed.size} disputed payments of closed orders to be looked at`,
      ...(end
        ? [
            `Epoch ${end.epoch} has begun. The feed goes on behind ${end.feedTo} (the last position here is ${end.feedFrom}).`,
          ]
        : ['Nothing was changed.']),
    ],
  };
}

function remarkOf({ plan, omitted }: Settled): string {
  const remarks = [
    ...(plan.own ? [`payment ${plan.own.providerId}`] : []),
    ...(plan.ending ? [`ends ${plan.ending.status}`] : []),
    ...(plan.doubt ? [`IN DOUBT: ${plan.doubt}`] : []),
    ...(omitted.length > 0 ? [`without ${omitted.join(', ')}`] : []),
  ];
  return remarks.length > 0 ? `: ${remarks.join('; ')}` : '';
}

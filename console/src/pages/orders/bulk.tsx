// One decision about many parked orders: counted first, then made, then watched.
import { useState } from 'preact/hooks';
import { useScope } from '../../lib/place.ts';
import { ask, type Answer } from '../../lib/api.ts';
import { words } from '../../lib/format.ts';
import type { Filters } from '../../lib/query.ts';
import { useRoute } from '../../lib/route.ts';
import { DeedDialog, type Deed, type Draft } from '../../ui/deed.tsx';

const steps = [
  ...['reserve-inventory', 'charge-payment', 'confirm-order', 'refund-payment', 'release-inventory', 'close-order'],
  ...['follow-payment', 'pay-refund', 'capture-payment', 'ship-order', 'pack-shipment', 'create-shipment'],
  ...['dispatch-shipment', 'deliver-shipment', 'refund-missing', 'cancel-shipment', 'follow-shipment'],
  ...['approve-return', 'receive-return', 'refund-return', 'hold-amendment', 'charge-amendment', 'apply-amendment'],
  ...['undo-amendment', 'close-amendment'],
];

export function Bulk({ filters }: { filters: Filters }) {
  const [isOpen, setOpen] = useState(false);
  const { go } = useRoute();
  const scope = useScope('operate');
  if (!scope.allowed) return <span class="note">Deciding about many at once: {scope.why}</span>;
  const done = ({ data }: Answer<unknown>): void => go(`/operations/${(data as { id: string }).id}`);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Decide about many parked …
      </button>
      {isOpen && <DeedDialog deed={deedOf(filters)} onDone={done} onClose={() => setOpen(false)} />}
    </>
  );
}

const filterOf = (draft: Draft): object =>
  Object.fromEntries(['step', 'customerId'].flatMap((name) => (draft[name] ? [[name, draft[name]]] : [])));

/** What the dry run counted; the decision is refused where another number matches by then. */
let counted: { of: string; count: number } | null = null;

async function count(draft: Draft): Promise<string> {
  const body = { filter: filterOf(draft), action: draft['action'], reason: draft['reason'], dryRun: true };
  const { data } = await ask<{ count: number; sample: { orderId: string }[] }>('/resolutions', {
    method: 'POST',
    body,
  });
  counted = { of: JSON.stringify(body.filter), count: data.count };
  if (data.count === 0) return 'No parked step is like that: nothing would be decided.';
  const sample = data.sample.slice(0, 3).map(({ orderId }) => `…${orderId.slice(-8)}`);
  return `${data.count} parked ${data.count === 1 ? 'step' : 'steps'}, the longest parked first: ${sample.join(', ')}${data.count > sample.length ? ', …' : ''}.`;
}

const deedOf = (filters: Filters): Deed => ({
  name: 'resolutions',
  title: 'Decide about many parked steps',
  does: 'They are counted first. Then each is told the decision, a few at a time, and you can watch it.',
  button: 'Decide about these',
  path: '/resolutions',
  initial: {
    action: 'retry',
    step: '',
    customerId: filters['customerId'] ?? '',
    reason: '',
  },
  fields: [
    {
      ...{ name: 'action', label: 'Decision' },
      choices: [
        ['retry', 'retry: try the step again'],
        ['compensate', 'compensate: undo the order'],
      ],
    },
    {
      name: 'step',
      label: 'Parked at',
      pointer: '/filter/step',
      choices: [['', 'any step'], ...steps.map((step) => [step, words(step)] as [string, string])],
    },
    { name: 'customerId', label: 'Customer', pointer: '/filter/customerId', hint: 'Left empty: of all customers' },
    { name: 'reason', label: 'Reason', hint: 'Stands beside each decision', required: true },
  ],
  preview: count,
  body: (draft) => {
    const filter = filterOf(draft);
    if (!counted || counted.of !== JSON.stringify(filter)) return 'It has to be counted first.';
    if (counted.count === 0) return 'Nothing is like that.';
    return { filter, action: draft['action'], reason: draft['reason'], expectedCount: counted.count };
  },
});

// Parked orders, by step and age.
import { ask, get } from '../../lib/api.ts';
import { duration, readable, upTo, words } from '../../lib/format.ts';
import { useResource } from '../../lib/resource.ts';
import type { Counts } from '../../lib/types.ts';
import { Card, Empty, Link, Shown, Table } from '../../ui/parts.tsx';

type Sample = { orderId: string; workflowId: string; step: string; reason: string; since: string };

async function read(signal: AbortSignal): Promise<{ counts: Counts; sample: Sample[] }> {
  const look = { filter: {}, action: 'retry', reason: 'looked at it in the console', dryRun: true };
  const [counts, preview] = await Promise.all([
    get<Counts>('/orders/counts', signal),
    ask<{ sample: Sample[] }>('/resolutions', { method: 'POST', body: look, signal }),
  ]);
  return { counts, sample: preview.data.sample };
}

const age = (since: string): string => duration(Date.now() - Date.parse(since));

export function Parked() {
  const parked = useResource('parked', read);
  return (
    <Card title="Parked">
      <Shown what="what is parked" of={parked}>
        {({ counts, sample }) =>
          counts.parkedSteps.length === 0 ? (
            <Empty>
              <p>Nothing is parked. What can not finish by itself stops here, with its reason, and waits for you.</p>
            </Empty>
          ) : (
            <>
              <Table caption="Parked steps, those that wait longest first" head={['Step', 'How many', 'Longest since']}>
                {counts.parkedSteps.map(({ step, count, oldestSince }) => (
                  <tr key={step}>
                    <th scope="row">{words(step)}</th>
                    <td class="number">{upTo(count, counts.atMost)}</td>
                    <td>{age(oldestSince)}</td>
                  </tr>
                ))}
              </Table>
              <Oldest sample={sample} />
              <p>
                <Link to="/orders?attention=true">All parked orders, and deciding about many</Link>
              </p>
            </>
          )
        }
      </Shown>
    </Card>
  );
}

const Oldest = ({ sample }: { sample: Sample[] }) => (
  <Table caption="Those parked longest" head={['Order', 'Step', 'Since', 'Why']}>
    {sample.slice(0, 10).map(({ orderId, workflowId, step, reason, since }) => (
      <tr key={workflowId + step}>
        <th scope="row">
          <Link to={`/orders/${orderId}`}>
            <code>…{orderId.slice(-8)}</code>
          </Link>
        </th>
        <td>{words(step)}</td>
        <td>{age(since)}</td>
        <td>{readable(reason)}</td>
      </tr>
    ))}
  </Table>
);

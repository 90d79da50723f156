// Comparisons of the books: what each found, and a button that makes another.
import { useState } from 'preact/hooks';
import { get, type Answer } from '../../lib/api.ts';
import { useResource } from '../../lib/resource.ts';
import { useRoute } from '../../lib/route.ts';
import type { Page } from '../../lib/types.ts';
import { DeedDialog, type Deed } from '../../ui/deed.tsx';
import { Badge, Card, Empty, Link, Shown, Table, Time } from '../../ui/parts.tsx';

export type Comparison = {
  id: string;
  state: string;
  requestedBy: string | null;
  dryRun: boolean;
  acceptedAt: string;
  finishedAt: string | null;
  failure: string | null;
  truncated: boolean;
  counts: Record<string, number>;
};

const deed: Deed = {
  name: 'reconciliations',
  title: 'Compare the books now',
  does: 'Our books are compared with the provider’s and with Temporal’s. What is younger than ten minutes may be under way, and is left alone.',
  button: 'Compare them',
  path: '/reconciliations',
  initial: { dryRun: 'true' },
  fields: [
    {
      ...{ name: 'dryRun', label: 'What it does' },
      choices: [
        ['true', 'only look: nothing is repaired, nothing is parked'],
        ['false', 'repair what is safe, and park the rest in front of a person'],
      ],
    },
  ],
  body: ({ dryRun }) => ({ dryRun: dryRun !== 'false' }),
};

export function Reconciliations() {
  const [isOpen, setOpen] = useState(false);
  const { go } = useRoute();
  const comparisons = useResource('reconciliations', (signal) =>
    get<Page<Comparison>>('/reconciliations?limit=10', signal),
  );
  const done = ({ data }: Answer<unknown>): void => go(`/operations/${(data as Comparison).id}`);
  return (
    <Card title="Books">
      <p>
        <button type="button" onClick={() => setOpen(true)}>
          Compare the books …
        </button>
      </p>
      {isOpen && <DeedDialog deed={deed} onDone={done} onClose={() => setOpen(false)} />}
      <Shown what="comparisons" of={comparisons}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>
              <p>They were never compared. Every hour it is done by itself, unless that is switched off.</p>
            </Empty>
          ) : (
            <Table
              caption="Comparisons, the newest first"
              head={['When', 'By', 'State', 'Found', 'Repaired', 'Parked', 'Reported']}
            >
              {items.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    <Link to={`/operations/${one.id}`}>
                      <Time at={one.acceptedAt} />
                    </Link>
                  </th>
                  <td>
                    {one.requestedBy ?? 'a key of others'}
                    {one.dryRun && ' (only looked)'}
                  </td>
                  <td>
                    <Badge word={one.state} />
                  </td>
                  {['found', 'repaired', 'parked', 'reported'].map((name) => (
                    <td class="number" key={name}>
                      {one.counts[name] ?? 0}
                    </td>
                  ))}
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
    </Card>
  );
}

// One comparison of the books, while it runs and afterwards.
import { get } from '../../lib/api.ts';
import { useResource } from '../../lib/resource.ts';
import { Badge, Card, Empty, Facts, Link, Live, Shown, Table, Time } from '../../ui/parts.tsx';
import type { Comparison } from './reconciliations.tsx';
import { useWhile } from './use-while.ts';

type Drift = {
  name: string;
  object: string;
  orderId: string | null;
  found: string;
  remedy: string;
  outcome: string;
  seenAt: string;
};

export function Report({ id }: { id: string }) {
  const report = useResource(id, (signal) => get<Comparison & { drifts: Drift[] }>(`/reconciliations/${id}`, signal));
  const isRunning = report.data?.state === 'accepted' || report.data?.state === 'running';
  useWhile(isRunning, report.reload);
  return (
    <Shown what="the report" of={report}>
      {(read) => (
        <Card title="Report">
          <Live text={`The comparison is ${read.state}`} />
          {isRunning && <progress aria-label="The comparison runs" />}
          <Facts
            of={[
              ['State', <Badge word={read.state} />],
              ['Begun', <Time at={read.acceptedAt} />],
              ['Ended', read.finishedAt ? <Time at={read.finishedAt} /> : 'not yet'],
              ['Asked for by', read.requestedBy ?? 'a key of others'],
              ['It', read.dryRun ? 'only looks' : 'repairs what is safe'],
            ]}
          />
          {read.failure && <p class="problem">{read.failure}</p>}
          {read.truncated && (
            <p class="problem">There is more than one report holds: repair these, then compare again.</p>
          )}
          {read.drifts.length === 0 && !isRunning ? (
            <Empty>
              <p>All books agree.</p>
            </Empty>
          ) : (
            <Drifts of={read.drifts} />
          )}
        </Card>
      )}
    </Shown>
  );
}

const Drifts = ({ of }: { of: Drift[] }) => (
  <Table caption="What does not agree" head={['What', 'Order', 'Found', 'Remedy', 'Outcome']}>
    {of.map((drift) => (
      <tr key={drift.name + drift.object}>
        <th scope="row">{drift.name}</th>
        <td>
          {drift.orderId ? (
            <Link to={`/orders/${drift.orderId}`}>…{drift.orderId.slice(-8)}</Link>
          ) : (
            <code>{drift.object}</code>
          )}
        </td>
        <td>{drift.found}</td>
        <td>{drift.remedy}</td>
        <td>
          <Badge word={drift.outcome} />
        </td>
      </tr>
    ))}
  </Table>
);

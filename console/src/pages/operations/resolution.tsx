// One decision about many parked steps: how far it has come, and what did not take it.
import { useState } from 'preact/hooks';
import { ask, get } from '../../lib/api.ts';
import type { ProblemBody } from '../../lib/problem.ts';
import { problemOf, useResource } from '../../lib/resource.ts';
import { Badge, Card, Facts, Link, Live, Problem, Shown, Table } from '../../ui/parts.tsx';
import { useWhile } from './use-while.ts';

type Resolution = {
  id: string;
  state: string;
  action: string;
  reason: string;
  actor: string;
  counts: { total: number; resolved: number; refused: number; unanswered: number; left: number };
  unresolved: { orderId: string; workflowId: string; outcome: string; detail: string | null }[];
};

export function ResolutionProgress({ id }: { id: string }) {
  const resolution = useResource(id, (signal) => get<Resolution>(`/resolutions/${id}`, signal));
  const state = resolution.data?.state ?? 'accepted';
  const isRunning = state !== 'finished' && state !== 'cancelled' && resolution.problem === null;
  useWhile(isRunning, resolution.reload);
  return (
    <Shown what="its progress" of={resolution}>
      {(read) => (
        <Card title={`${read.action}: ${read.counts.total} parked steps`}>
          <Progress of={read} />
          {(read.state === 'accepted' || read.state === 'running') && <Stop id={id} onStopped={resolution.reload} />}
          {read.unresolved.length > 0 && <Unresolved of={read.unresolved} />}
        </Card>
      )}
    </Shown>
  );
}

function Progress({ of: { counts, state, actor, reason } }: { of: Resolution }) {
  const told = counts.total - counts.left;
  return (
    <>
      <Live text={`${told} of ${counts.total}`} />
      <progress max={counts.total} value={told} aria-label={`${told} of ${counts.total} were told`} />
      <Facts
        of={[
          ['State', <Badge word={state} />],
          ['Decided by', `${actor}: ${reason}`],
          ['Resolved', String(counts.resolved)],
          ['Refused', String(counts.refused)],
          ['No answer', String(counts.unanswered)],
          ['Not reached', String(counts.left)],
        ]}
      />
    </>
  );
}

function Stop({ id, onStopped }: { id: string; onStopped: () => void }) {
  const [problem, setProblem] = useState<ProblemBody | null>(null);
  const stop = async (): Promise<void> => {
    try {
      await ask(`/resolutions/${id}/cancel`, { method: 'POST' });
      onStopped();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <>
      <button type="button" onClick={() => void stop()}>
        Tell no further order
      </button>
      {problem && <Problem problem={problem} />}
    </>
  );
}

const Unresolved = ({ of }: { of: Resolution['unresolved'] }) => (
  <Table caption="What did not take it" head={['Order', 'Outcome', 'Why']}>
    {of.map(({ orderId, workflowId, outcome, detail }) => (
      <tr key={workflowId}>
        <th scope="row">
          <Link to={`/orders/${orderId}`}>…{orderId.slice(-8)}</Link>
        </th>
        <td>
          <Badge word={outcome} />
        </td>
        <td>{detail}</td>
      </tr>
    ))}
  </Table>
);

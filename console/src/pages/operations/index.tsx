// What needs somebody, and how the service is: parked orders, subscribers, the provider, queues, the books.
import { useScope } from '../../lib/place.ts';
import { Empty, Link, Title } from '../../ui/parts.tsx';
import { Health } from './health.tsx';
import { Parked } from './parked.tsx';
import { Reconciliations } from './reconciliations.tsx';
import { Report } from './report.tsx';
import { ResolutionProgress } from './resolution.tsx';
import { Webhooks } from './webhooks.tsx';

export function OperationsPage({ name }: { name: string }) {
  const scope = useScope('operate');
  if (!scope.allowed)
    return (
      <>
        <Title text="Operations" />
        <Empty>
          <p>{scope.why}</p>
        </Empty>
        <Health isOperator={false} />
      </>
    );
  if (name.startsWith('resolution_'))
    return <Part text="Decision about many" of={<ResolutionProgress key={name} id={name} />} />;
  if (name.startsWith('reconciliation_'))
    return <Part text="Comparison of the books" of={<Report key={name} id={name} />} />;
  return (
    <>
      <Title text="Operations" />
      <div class="columns">
        <div>
          <Parked />
          <Reconciliations />
        </div>
        <div>
          <Health isOperator />
          <Webhooks />
        </div>
      </div>
    </>
  );
}

const Part = ({ text, of }: { text: string; of: preact.ComponentChild }) => (
  <>
    <p class="back">
      <Link to="/operations">Operations</Link>
    </p>
    <Title text={text} />
    {of}
  </>
);

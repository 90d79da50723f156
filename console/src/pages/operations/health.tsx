// How the service itself is: its parts, what workers think of the provider, what waits in queues.
import { get } from '../../lib/api.ts';
import { duration } from '../../lib/format.ts';
import { useResource } from '../../lib/resource.ts';
import { Badge, Card, Facts, Shown, Table, Time } from '../../ui/parts.tsx';

type Parts = { status: string; parts: Record<string, { state: string; since: string; detail?: string }> };
type Providers = {
  items: { provider: string; worker: string; state: string; since: string; failures: number; lastFailure?: string }[];
};
type Waiting = { count: number; oldestSeconds: number | null };
type Queues = {
  launches: Waiting | null;
  feed: Waiting | null;
  tasks: { queue: string; kind: string; backlog: number; oldestSeconds: number; pollers: number }[] | null;
};

export const Health = ({ isOperator }: { isOperator: boolean }) => (
  <>
    <PartsCard />
    <Provider />
    {isOperator && <QueueCard />}
  </>
);

function PartsCard() {
  const health = useResource('health', (signal) => get<Parts>('/health', signal));
  return (
    <Card title="Parts of the service">
      <Shown what="the parts" of={health}>
        {({ parts }) => (
          <Table caption="Parts and their state" head={['Part', 'State', 'Since', 'What it says']}>
            {Object.entries(parts).map(([name, { state, since, detail }]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <Badge word={state} />
                </td>
                <td>
                  <Time at={since} />
                </td>
                <td>{detail}</td>
              </tr>
            ))}
          </Table>
        )}
      </Shown>
    </Card>
  );
}

/** The breaker's own words mean little to who has not read them up. */
const circuits: Record<string, string> = {
  closed: 'asked as usual',
  open: 'left alone for a moment',
  'half-open': 'being tried once',
};

function Provider() {
  const providers = useResource('providers', (signal) => get<Providers>('/health/providers', signal));
  return (
    <Card title="Payment provider">
      <Shown what="what workers say of it" of={providers}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="note">No worker was heard of lately: orders are accepted, and wait for one.</p>
          ) : (
            <Table
              caption="What each worker thinks of it (its breaker)"
              head={['Worker', 'Breaker', 'Since', 'Failures in a row', 'Last']}
            >
              {items.map(({ provider, worker, state, since, failures, lastFailure }) => (
                <tr key={provider + worker}>
                  <th scope="row">{worker}</th>
                  <td>
                    <Badge word={state} /> {circuits[state]}
                  </td>
                  <td>
                    <Time at={since} />
                  </td>
                  <td class="number">{failures}</td>
                  <td>{lastFailure ?? 'none'}</td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
    </Card>
  );
}

function QueueCard() {
  const queues = useResource('queues', (signal) => get<Queues>('/queues', signal));
  return (
    <Card title="Queues">
      <Shown what="the queues" of={queues}>
        {({ launches, feed, tasks }) => (
          <>
            <Facts
              of={[
                ['Orders without a workflow yet', sayWaiting(launches)],
                ['Events without a position yet', sayWaiting(feed)],
              ]}
            />
            {tasks === null ? (
              <p class="note">Temporal does not answer: nobody can say what waits in its queues.</p>
            ) : (
              <Table
                caption="What waits in Temporal for a worker"
                head={['Queue', 'Kind', 'Waiting', 'Oldest', 'Workers']}
              >
                {tasks.map(({ queue, kind, backlog, oldestSeconds, pollers }) => (
                  <tr key={queue + kind}>
                    <th scope="row">{queue}</th>
                    <td>{kind}</td>
                    <td class="number">{backlog}</td>
                    <td>{oldestSeconds > 0 ? duration(oldestSeconds * 1_000) : 'none waits'}</td>
                    <td class="number">{pollers}</td>
                  </tr>
                ))}
              </Table>
            )}
          </>
        )}
      </Shown>
      <p>
        <button type="button" onClick={queues.reload}>
          Read again
        </button>
      </p>
    </Card>
  );
}

function sayWaiting(waiting: Waiting | null): string {
  if (waiting === null) return 'not known just now';
  if (waiting.count === 0) return 'none';
  const { count, oldestSeconds } = waiting;
  return `${count}${oldestSeconds === null ? '' : `, the oldest for ${duration(oldestSeconds * 1_000)}`}`;
}

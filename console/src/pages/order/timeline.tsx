// What happened, step by step, and the events themselves.
import { duration, readable, words } from '../../lib/format.ts';
import { buildTimeline, triesSince, type Entry } from '../../lib/timeline.ts';
import type { Envelope, Explanation, FailedTry } from '../../lib/types.ts';
import { Card, Table, Time } from '../../ui/parts.tsx';

export function Timeline({ events, explanation }: { events: Envelope[]; explanation: Explanation }) {
  const entries = buildTimeline(events, explanation.attempts, explanation.happened);
  const now = triesSince(explanation.attempts, events);
  return (
    <Card title="What happened">
      <ol class="timeline">
        {entries.map((entry) => (
          <Line key={entry.kind === 'idle' ? `idle ${entry.from}` : entry.event.sequence} entry={entry} />
        ))}
        {now.length > 0 && (
          <li class="now">
            <span>Not done yet.</span> <Tries tries={now} />
          </li>
        )}
      </ol>
    </Card>
  );
}

function Line({ entry }: { entry: Entry }) {
  if (entry.kind === 'idle') return <li class="idle">{duration(entry.lastsMs)} in which nothing happened</li>;
  const { event, sentence, tookMs, tries, at } = entry;
  return (
    <li>
      <span>{readable(sentence)}</span>
      <small>
        <code>{event.eventType}</code> · <Time at={at} />
        {tookMs !== null && <> · {duration(tookMs)} after the one before</>}
      </small>
      <Tries tries={tries} />
    </li>
  );
}

function Tries({ tries }: { tries: readonly FailedTry[] }) {
  if (tries.length === 0) return null;
  return (
    <details>
      <summary>
        {tries.length} failed {tries.length === 1 ? 'try' : 'tries'} before
      </summary>
      <ul>
        {tries.map(({ step, attempt, at, message }) => (
          <li key={`${step} ${attempt} ${at}`}>
            {words(step)}, attempt {attempt}, <Time at={at} />: {message}
          </li>
        ))}
      </ul>
    </details>
  );
}

export const Events = ({ events }: { events: Envelope[] }) => (
  <Card title="Events" note="As other systems are told of them; open one to see its envelope.">
    <Table caption="Events of this order, in sequence" head={['#', 'Event', 'When', 'Position', 'Envelope']}>
      {events.map((event) => (
        <tr key={event.eventId}>
          <td class="number">{event.sequence}</td>
          <th scope="row">
            <code>{event.eventType}</code>
          </th>
          <td>
            <Time at={event.timestamp} />
          </td>
          <td class="number">{event.position ?? '…'}</td>
          <td>
            <details>
              <summary>
                envelope<span class="visually-hidden"> of event {event.sequence}</span>
              </summary>
              <pre>{JSON.stringify(event, null, 2)}</pre>
            </details>
          </td>
        </tr>
      ))}
    </Table>
  </Card>
);

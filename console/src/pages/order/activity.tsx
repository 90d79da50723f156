// Who did what about the order, and why.
import { activityOf } from '../../lib/timeline.ts';
import type { Envelope } from '../../lib/types.ts';
import { Card, Time } from '../../ui/parts.tsx';

export function Activity({ events }: { events: Envelope[] }) {
  const deeds = activityOf(events);
  return (
    <Card title="Who did what">
      {deeds.length === 0 ? (
        <p class="note">Nobody had to do anything about it. Decisions of people come up here, with their reason.</p>
      ) : (
        <ul class="activity">
          {deeds.map(({ who, what, why, at, sequence }) => (
            <li key={sequence}>
              <b>{who}</b>: <code>{what}</code>
              {why && <> — “{why}”</>}
              <small>
                <Time at={at} />
              </small>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

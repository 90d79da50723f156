// An order as it goes along, by its events.
import { useEffect, useState } from 'preact/hooks';
import { capital, duration, words } from '../../lib/format.ts';
import { followOrder, type StreamState } from '../../lib/stream.ts';
import type { Envelope } from '../../lib/types.ts';
import { Badge, Link, Live, StreamNote } from '../../ui/parts.tsx';

const labels: Record<string, string> = {
  'order.placed': 'Placed: from here on it can not get lost',
  'inventory.reserved': 'Its stock is held',
  'inventory.released': 'Its stock is free again',
  'payment.action_required': 'The customer has to authenticate the payment',
  'payment.method_requested': 'The card was declined: another one is waited for',
  'payment.authorized': 'The money is reserved',
  'payment.captured': 'The money is taken',
  'payment.declined': 'The card was declined',
  'payment.voided': 'The payment is void',
  'order.review_requested': 'Somebody has to look at it first',
  'order.confirmed': 'Confirmed: it is sold',
  'order.rejected': 'Rejected',
  'order.cancelled': 'Cancelled',
  'order.parked': 'Parked: a person has to decide',
  'shipment.planned': 'The warehouse is to pack it',
};
const ends: Record<string, string> = {
  ...{
    'order.confirmed': 'confirmed',
    'order.rejected': 'rejected',
    'order.cancelled': 'cancelled',
    'order.parked': 'parked',
  },
  ...{ 'payment.action_required': 'waits for its customer', 'payment.method_requested': 'waits for its customer' },
};
const labelOf = (type: string): string => labels[type] ?? capital(words(type));

export function Watch({ orderId }: { orderId: string }) {
  const { events, state } = useEvents(orderId);
  const [first] = events;
  const last = events.at(-1);
  const end = events.reduce<string | null>((known, { eventType }) => ends[eventType] ?? known, null);
  return (
    <>
      <p>
        <Link to={`/orders/${orderId}`}>
          Order <code>…{orderId.slice(-8)}</code>
        </Link>{' '}
        {end && <Badge word={end} />} <StreamNote state={state} />
      </p>
      <ol class="timeline" aria-label="What has happened so far">
        {events.map(({ eventId, eventType, timestamp }) => (
          <li key={eventId}>
            <span>{labelOf(eventType)}</span>
            <small>{first && duration(Date.parse(timestamp) - Date.parse(first.timestamp))} after it was placed</small>
          </li>
        ))}
        {end === null && <li class="now">{events.length === 0 ? 'Waiting for its first event …' : 'It goes on …'}</li>}
      </ol>
      <Live text={last ? labelOf(last.eventType) : ''} />
      <p>
        <Link to={`/orders/${orderId}`}>All about it, and what can be done</Link>
      </p>
    </>
  );
}

function useEvents(orderId: string): { events: Envelope[]; state: StreamState } {
  const [events, setEvents] = useState<Envelope[]>([]);
  const [state, setState] = useState<StreamState>('opening');
  useEffect(() => {
    const end = new AbortController();
    void followOrder(orderId, {
      ...{ after: 0, signal: end.signal, onState: setState },
      onEvent: (event) => setEvents((known) => [...known, event]),
    });
    return () => end.abort();
  }, [orderId]);
  return { events, state };
}

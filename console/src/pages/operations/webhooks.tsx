// Who is told of events, what was told, and what is done about what could not be.
import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { useResource } from '../../lib/resource.ts';
import type { Page } from '../../lib/types.ts';
import { DeedDialog, type Deed } from '../../ui/deed.tsx';
import { ChoiceField } from '../../ui/fields.tsx';
import { Badge, Card, Empty, Link, Shown, Table, Time } from '../../ui/parts.tsx';

type Subscription = {
  id: string;
  url: string;
  paused: boolean;
  pending: number;
  parked: number;
  failingSince: string | null;
};
type Delivery = {
  id: number;
  eventType: string;
  orderId: string;
  state: string;
  attempts: number;
  status: number | null;
  failure: string | null;
  attemptedAt: string | null;
};

export function Webhooks() {
  const subscriptions = useResource('subscriptions', (signal) =>
    get<{ items: Subscription[] }>('/webhook-subscriptions', signal),
  );
  const [opened, setOpened] = useState<string | null>(null);
  return (
    <Card title="Webhooks">
      <Shown what="subscriptions" of={subscriptions}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>
              <p>
                Nobody is told of events so far. <code>POST /webhook-subscriptions</code> has them told to a URL, signed
                and in sequence; what could not be told comes up here.
              </p>
            </Empty>
          ) : (
            <Table caption="Subscriptions" head={['URL', 'Standing', 'To be told', 'Parked', 'Deliveries']}>
              {items.map((one) => (
                <tr key={one.id}>
                  <th scope="row">{one.url}</th>
                  <td>
                    <Badge word={one.paused ? 'paused' : one.failingSince ? 'failing' : 'ok'} />{' '}
                    {one.failingSince && (
                      <>
                        since <Time at={one.failingSince} />
                      </>
                    )}
                  </td>
                  <td class="number">{one.pending}</td>
                  <td class="number">{one.parked}</td>
                  <td>
                    <button
                      type="button"
                      aria-expanded={opened === one.id}
                      onClick={() => setOpened(opened === one.id ? null : one.id)}
                    >
                      {opened === one.id ? 'Hide' : 'Show'}
                      <span class="visually-hidden"> deliveries to {one.url}</span>
                    </button>
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
      {opened !== null && <Deliveries key={opened} subscription={opened} />}
    </Card>
  );
}

const states: [string, string][] = [
  ['', 'any'],
  ['parked', 'parked'],
  ['pending', 'pending'],
  ['delivered', 'delivered'],
  ['skipped', 'skipped'],
];

function Deliveries({ subscription }: { subscription: string }) {
  const [state, setState] = useState('');
  const [decided, setDecided] = useState<Deed | null>(null);
  const path = `/webhook-subscriptions/${subscription}/deliveries`;
  const deliveries = useResource(`${path} ${state}`, (signal) =>
    get<Page<Delivery>>(`${path}?limit=20${state === '' ? '' : `&state=${state}`}`, signal),
  );
  const close = (): void => setDecided(null);
  return (
    <>
      <ChoiceField label="State" value={state} choices={states} onChange={setState} />
      <Shown what="deliveries" of={deliveries}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>No delivery is like that.</Empty>
          ) : (
            <Rows items={items} onDecide={(delivery, action) => setDecided(deedOf(path, delivery, action))} />
          )
        }
      </Shown>
      {decided && (
        <DeedDialog key={decided.name} deed={decided} onClose={close} onDone={() => (close(), deliveries.reload())} />
      )}
    </>
  );
}

const Rows = ({
  items,
  onDecide,
}: {
  items: Delivery[];
  onDecide: (delivery: Delivery, action: 'resend' | 'skip') => void;
}) => (
  <Table caption="Deliveries, the latest first" head={['Event', 'Order', 'State', 'Tries', 'Last answer', 'Decide']}>
    {items.map((delivery) => (
      <tr key={delivery.id}>
        <th scope="row">
          <code>{delivery.eventType}</code>
        </th>
        <td>
          <Link to={`/orders/${delivery.orderId}`}>…{delivery.orderId.slice(-8)}</Link>
        </td>
        <td>
          <Badge word={delivery.state} />
        </td>
        <td class="number">{delivery.attempts}</td>
        <td>{delivery.failure ?? delivery.status ?? 'none yet'}</td>
        <td>
          <button type="button" onClick={() => onDecide(delivery, 'resend')}>
            Resend<span class="visually-hidden"> {delivery.eventType}</span>
          </button>{' '}
          {delivery.state === 'parked' && (
            <button type="button" onClick={() => onDecide(delivery, 'skip')}>
              Skip<span class="visually-hidden"> {delivery.eventType}</span>
            </button>
          )}
        </td>
      </tr>
    ))}
  </Table>
);

const deedOf = (path: string, { id, eventType }: Delivery, action: 'resend' | 'skip'): Deed => ({
  name: `${path}.${id}.${action}`,
  title: `${action === 'resend' ? 'Resend' : 'Skip'} ${eventType}`,
  does:
    action === 'resend'
      ? 'It is sent as soon as it can be; one that was told is told once more.'
      : 'It is never told to this subscriber; those behind it go on.',
  button: action === 'resend' ? 'Resend it' : 'Skip it',
  path: `${path}/${id}/${action}`,
  fields: [{ name: 'reason', label: 'Reason', required: true }],
  body: (draft) => ({ reason: draft['reason'] }),
});

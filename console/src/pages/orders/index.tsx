// All orders: counts, search, filters in the URL, page by page; and what is done about many at once.
import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { money, upTo, words } from '../../lib/format.ts';
import { readFilters, toSearch, type Filters } from '../../lib/query.ts';
import { problemOf, useResource } from '../../lib/resource.ts';
import { useRoute } from '../../lib/route.ts';
import type { ProblemBody } from '../../lib/problem.ts';
import type { Counts, Order, Page } from '../../lib/types.ts';
import { Badge, Empty, Link, Live, Problem, Shown, Table, Time, Title } from '../../ui/parts.tsx';
import { Bulk } from './bulk.tsx';
import { Search } from './search.tsx';

const names = ['status', 'attention', 'waiting', 'customerId', 'correlationId', 'placedAfter', 'placedBefore'];
const PAGE = 25;

export function OrdersPage() {
  const { route, go } = useRoute();
  const filters = readFilters(route.search, names);
  const counts = useResource('counts', (signal) => get<Counts>('/orders/counts', signal));
  const set = (next: Filters): void => go(`/orders${toSearch(next)}`);
  return (
    <>
      <Title text="Orders">
        <Bulk filters={filters} />
      </Title>
      <Shown what="the counts" of={counts}>
        {(known) => <CountsBar counts={known} filters={filters} />}
      </Shown>
      <Search filters={filters} onChange={set} />
      <List key={route.search} filters={filters} />
    </>
  );
}

/** Each count is a link to what it counts. */
function CountsBar({ counts, filters }: { counts: Counts; filters: Filters }) {
  const { atMost, statuses, parked, waiting } = counts;
  const all: [text: string, count: number, filter: Filters][] = [
    ...Object.entries(statuses).map(([status, count]) => [status, count, { status }] as [string, number, Filters]),
    ['parked', parked, { attention: 'true' }],
    ...Object.entries(waiting)
      .filter(([, count]) => count > 0)
      .map(([whom, count]) => [`waits for ${whom}`, count, { waiting: whom }] as [string, number, Filters]),
  ];
  const same = toSearch(filters);
  return (
    <nav aria-label="Orders by status" class="counts">
      <ul>
        <li>
          <Link to="/orders" current={same === ''}>
            all
          </Link>
        </li>
        {all.map(([text, count, filter]) => (
          <li key={text} class={text === 'parked' && count > 0 ? 'alert' : ''}>
            <Link to={`/orders${toSearch(filter)}`} current={toSearch(filter) === same}>
              {text} <b>{upTo(count, atMost)}</b>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

type Shown = { items: Order[]; nextCursor: string | null };

/** Further pages are put below: what one has read stays where it is. */
function List({ filters }: { filters: Filters }) {
  const [more, setMore] = useState<Shown | null>(null);
  const [problem, setProblem] = useState<ProblemBody | null>(null);
  const [said, setSaid] = useState('');
  const read = (cursor: string | null, signal?: AbortSignal): Promise<Page<Order>> =>
    get(`/orders${toSearch({ ...filters, limit: String(PAGE), cursor: cursor ?? '' })}`, signal);
  const first = useResource('first page', (signal) => read(null, signal));
  const goOn = async (known: Shown): Promise<void> => {
    try {
      const page = await read(known.nextCursor);
      setMore({ items: [...known.items, ...page.items], nextCursor: page.nextCursor });
      setSaid(`${page.items.length} more orders`);
      setProblem(null);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <Shown what="orders" of={first}>
      {(page) => {
        const shown = more ?? page;
        if (shown.items.length === 0) return <Nothing isFiltered={toSearch(filters) !== ''} />;
        return (
          <>
            <Rows items={shown.items} />
            <Live text={said} />
            {problem && <Problem problem={problem} />}
            <p class="buttons">
              {shown.nextCursor !== null && (
                <button type="button" onClick={() => void goOn(shown)}>
                  Show more
                </button>
              )}
              <button type="button" onClick={() => (setMore(null), first.reload())}>
                Read again
              </button>
            </p>
          </>
        );
      }}
    </Shown>
  );
}

const Rows = ({ items }: { items: Order[] }) => (
  <Table caption="Orders, the newest first" head={['Order', 'Status', 'Now', 'Customer', 'Total', 'Placed']}>
    {items.map((order) => (
      <tr key={order.id}>
        <th scope="row">
          <Link to={`/orders/${order.id}`}>
            <code>{shortId(order.id)}</code>
          </Link>
        </th>
        <td>
          <Badge word={order.status} />
        </td>
        <td>
          {order.attention && <Badge word="parked" />} {order.attention && words(order.attention.step)}
          {!order.attention && order.waiting && `waits for ${order.waiting.for}`}
          {!order.attention && !order.waiting && order.rejection?.code}
        </td>
        <td>{order.customerId}</td>
        <td class="number">{money(order.totalMinor, order.currency)}</td>
        <td>
          <Time at={order.placedAt} />
        </td>
      </tr>
    ))}
  </Table>
);

/** The end tells orders apart: all begin alike. */
export const shortId = (id: string): string => `…${id.slice(-8)}`;

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return (
    <Empty>
      {isFiltered ? (
        <p>
          No order is like that. <Link to="/orders">Show all of them</Link>
        </p>
      ) : (
        <p>
          No order was placed so far. <Link to="/shop">Place one in the shop</Link>, or by <code>POST /orders</code>:
          every order comes up here.
        </p>
      )}
    </Empty>
  );
}

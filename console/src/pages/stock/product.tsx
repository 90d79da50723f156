// One product: its stock, its holds and by whom, its adjustments with their reason.
import { useState } from 'preact/hooks';
import { useScope } from '../../lib/place.ts';
import { get } from '../../lib/api.ts';
import { useResource } from '../../lib/resource.ts';
import type { Page, Product } from '../../lib/types.ts';
import { DeedDialog, type Deed } from '../../ui/deed.tsx';
import { Card, Empty, Link, Shown, Table, Time, Title } from '../../ui/parts.tsx';

type Hold = { orderId: string; warehouse: string; quantity: number; until: string };
type Adjustment = { id: number; warehouse: string; delta: number; reason: string | null; at: string };

export function ProductPage({ sku }: { sku: string }) {
  const path = `/products/${encodeURIComponent(sku)}`;
  const product = useResource(path, (signal) => get<Product>(path, signal));
  const scope = useScope('operate');
  return (
    <>
      <p class="back">
        <Link to="/stock">All products</Link>
      </p>
      <Title text={product.data?.name ?? sku} />
      <Shown what="the product" of={product}>
        {(known) => (
          <>
            <Warehouses product={known} />
            {scope.allowed ? (
              <Books product={known} path={path} onAdjusted={product.reload} />
            ) : (
              <p class="note">Holds and adjustments: {scope.why}</p>
            )}
          </>
        )}
      </Shown>
    </>
  );
}

const Warehouses = ({ product: { sku, onHand, reserved, warehouses } }: { product: Product }) => (
  <Card
    title="Stock"
    note={`${sku}: ${onHand} on hand, ${reserved} of them held by orders that have not bought them yet.`}
  >
    <Table caption="By warehouse" head={['Warehouse', 'On hand', 'Held', 'To be sold']}>
      {warehouses.map((at) => (
        <tr key={at.warehouse}>
          <th scope="row">{at.warehouse}</th>
          <td class="number">{at.onHand}</td>
          <td class="number">{at.reserved}</td>
          <td class="number">{at.onHand - at.reserved}</td>
        </tr>
      ))}
    </Table>
  </Card>
);

function Books({ product, path, onAdjusted }: { product: Product; path: string; onAdjusted: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const holds = useResource(`${path} holds`, (signal) => get<Page<Hold>>(`${path}/holds?limit=50`, signal));
  const adjustments = useResource(`${path} adjustments`, (signal) =>
    get<Page<Adjustment>>(`${path}/stock-adjustments?limit=20`, signal),
  );
  const done = (): void => {
    setOpen(false);
    onAdjusted();
    adjustments.reload();
  };
  return (
    <>
      <Card title="Held by">
        <Shown what="holds" of={holds}>
          {({ items, nextCursor }) =>
            items.length === 0 ? (
              <Empty>
                <p>No order holds any. One holds its units from when it is placed until it is sold or undone.</p>
              </Empty>
            ) : (
              <Holds items={items} isCut={nextCursor !== null} />
            )
          }
        </Shown>
      </Card>
      <Card title="Adjustments">
        <p>
          <button type="button" onClick={() => setOpen(true)}>
            Adjust the stock …
          </button>
        </p>
        {isOpen && <DeedDialog deed={adjust(product, path)} onDone={done} onClose={() => setOpen(false)} />}
        <Shown what="adjustments" of={adjustments}>
          {({ items }) => <Adjustments items={items} />}
        </Shown>
      </Card>
    </>
  );
}

const Holds = ({ items, isCut }: { items: Hold[]; isCut: boolean }) => (
  <>
    <Table caption="Orders that hold units of it" head={['Order', 'Warehouse', 'Units', 'Meant to last until']}>
      {items.map(({ orderId, warehouse, quantity, until }) => (
        <tr key={orderId + warehouse}>
          <th scope="row">
            <Link to={`/orders/${orderId}`}>…{orderId.slice(-8)}</Link>
          </th>
          <td>{warehouse}</td>
          <td class="number">{quantity}</td>
          <td>
            <Time at={until} />
          </td>
        </tr>
      ))}
    </Table>
    {isCut && <p class="note">These are the first fifty.</p>}
  </>
);

const Adjustments = ({ items }: { items: Adjustment[] }) => (
  <Table caption="Adjustments, the latest first" head={['When', 'Warehouse', 'Units', 'Why']}>
    {items.map(({ id, warehouse, delta, reason, at }) => (
      <tr key={id}>
        <th scope="row">
          <Time at={at} />
        </th>
        <td>{warehouse}</td>
        <td class="number">{delta > 0 ? `+${delta}` : delta}</td>
        <td>{reason}</td>
      </tr>
    ))}
  </Table>
);

const adjust = ({ sku, warehouses }: Product, path: string): Deed => ({
  name: `${sku}.adjust`,
  title: 'Adjust the stock',
  does: 'By a recorded movement. It never goes below what orders hold.',
  button: 'Adjust it',
  path: `${path}/stock-adjustments`,
  initial: { warehouse: warehouses[0]?.warehouse ?? 'main' },
  fields: [
    { name: 'delta', label: 'Units', type: 'number', required: true, hint: 'More: 25. Fewer: -3' },
    {
      ...{ name: 'warehouse', label: 'Warehouse' },
      choices: warehouses.map(({ warehouse }) => [warehouse, warehouse] as [string, string]),
    },
    { name: 'reason', label: 'Reason', required: true, hint: 'Stands beside the movement' },
  ],
  body: (draft) => ({
    delta: Number(draft['delta']),
    reason: draft['reason'],
    ...(draft['warehouse'] ? { warehouse: draft['warehouse'] } : {}),
  }),
});

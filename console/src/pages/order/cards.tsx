// Money, stock, shipments, returns and changes of one order.
import { money, readable, words } from '../../lib/format.ts';
import type { Explanation, Order, Units } from '../../lib/types.ts';
import { Badge, Card, Facts, Table, Time } from '../../ui/parts.tsx';

export function Money({ order, explanation }: { order: Order; explanation: Explanation }) {
  const { currency, payment, totals, totalMinor } = order;
  const say = (amountMinor: number): string => money(amountMinor, currency);
  const some = (name: string, amountMinor: number): [string, string][] =>
    amountMinor === 0 ? [] : [[name, say(amountMinor)]];
  return (
    <Card title="Money">
      <Facts
        of={[
          ['Total', say(totalMinor)],
          ...some('of it shipping', totals.shippingMinor),
          ...some(totals.taxIncluded ? 'with tax of' : 'of it tax', totals.taxMinor),
          ...some('less discount', totals.discountMinor),
          ['Payment', <Badge word={payment.state} />],
          ['Authorized, not captured', say(payment.authorizedMinor)],
          ['Captured', say(payment.capturedMinor)],
          ['Refunded', say(payment.refundedMinor)],
          ...some('Held by disputes', payment.disputedMinor),
          ...some('Still to refund', explanation.money.toRefundMinor),
          ...some('May be captured already', explanation.money.mayBeCapturedMinor),
          ['Ours now', say(explanation.money.balanceMinor)],
          ...(payment.declineCode ? [['Declined with', words(payment.declineCode)] as [string, string]] : []),
        ]}
      />
      <p>{readable(explanation.money.sentence)}</p>
      <Refunds order={order} />
    </Card>
  );
}

function Refunds({ order }: { order: Order }) {
  if (order.refunds.length === 0) return null;
  return (
    <Table caption="Refunds" head={['#', 'Amount', 'State', 'Asked for by', 'Why']}>
      {order.refunds.map((refund) => (
        <tr key={refund.number}>
          <th scope="row">{refund.number}</th>
          <td class="number">{money(refund.amountMinor, refund.currency)}</td>
          <td>
            <Badge word={refund.state} />
          </td>
          <td>{refund.actor}</td>
          <td>{refund.reason}</td>
        </tr>
      ))}
    </Table>
  );
}

export function Stock({ order, explanation }: { order: Order; explanation: Explanation }) {
  const { stock } = explanation;
  return (
    <Card title="Lines and stock">
      <Table caption="Lines" head={['Product', 'Units', 'Each', 'Shipped', 'Delivered']}>
        {order.items.map((item) => (
          <tr key={item.sku}>
            <th scope="row">
              {item.name} <code>{item.sku}</code>
            </th>
            <td class="number">{item.quantity}</td>
            <td class="number">{money(item.unitPriceMinor, order.currency)}</td>
            <td class="number">{item.shippedQuantity}</td>
            <td class="number">{item.deliveredQuantity}</td>
          </tr>
        ))}
      </Table>
      <p>
        {stock.sentence} Held: {stock.heldUnits ?? 'not known'}; sold: {stock.soldUnits}.
        {stock.holdUntil && (
          <>
            {' '}
            The hold is meant to last until <Time at={stock.holdUntil} />.
          </>
        )}
      </p>
    </Card>
  );
}

const sayUnits = (items: readonly Units[]): string =>
  items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');

export function Shipments({ order }: { order: Order }) {
  if (order.shipments.length === 0) return null;
  return (
    <Card title="Shipments">
      <Table caption="Shipments" head={['#', 'Warehouse', 'Status', 'What', 'Tracking']}>
        {order.shipments.map((shipment) => (
          <tr key={shipment.number}>
            <th scope="row">{shipment.number}</th>
            <td>{shipment.warehouse}</td>
            <td>
              <Badge word={shipment.status} />
              {shipment.waiting && ` waits for ${shipment.waiting.for}`}
            </td>
            <td>{sayUnits(shipment.items)}</td>
            <td>{shipment.trackingNumber ?? 'none yet'}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

export function Returns({ order }: { order: Order }) {
  if (order.returns.length === 0) return null;
  return (
    <Card title="Returns">
      <Table caption="Returns" head={['#', 'Status', 'What', 'Asked for by', 'Why', 'Given back']}>
        {order.returns.map((one) => (
          <tr key={one.number}>
            <th scope="row">{one.number}</th>
            <td>
              <Badge word={one.status} />
            </td>
            <td>{sayUnits(one.items)}</td>
            <td>{one.actor}</td>
            <td>{one.reason}</td>
            <td>{one.noRefund ?? (one.status === 'completed' ? 'yes' : 'not yet')}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

export function Amendments({ order }: { order: Order }) {
  const { amendments = [] } = order;
  if (amendments.length === 0) return null;
  return (
    <Card title="Changes">
      <Table caption="Changes after the sale" head={['#', 'State', 'From', 'To', 'Asked for by', 'Why']}>
        {amendments.map((one) => (
          <tr key={one.number}>
            <th scope="row">{one.number}</th>
            <td>
              <Badge word={one.state} /> {one.refusal?.message}
            </td>
            <td class="number">{money(one.before.totalMinor, one.currency)}</td>
            <td class="number">{money(one.after.totalMinor, one.currency)}</td>
            <td>{one.actor}</td>
            <td>{one.reason}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

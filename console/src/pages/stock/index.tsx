// What there is of each product, where, who holds it, and what was changed of it by hand.
import { get } from '../../lib/api.ts';
import { money } from '../../lib/format.ts';
import { useResource } from '../../lib/resource.ts';
import type { Page, Product } from '../../lib/types.ts';
import { Badge, Empty, Link, Shown, Table, Title } from '../../ui/parts.tsx';
import { ProductPage } from './product.tsx';

export function StockPage({ sku }: { sku: string }) {
  return sku === '' ? <Products /> : <ProductPage key={sku} sku={sku} />;
}

function Products() {
  const products = useResource('stock', (signal) => get<Page<Product>>('/products?limit=100', signal));
  return (
    <>
      <Title text="Stock" />
      <Shown what="products" of={products}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty>
              <p>
                There are no products so far. <code>PUT /products/&#123;sku&#125;</code> makes one.
              </p>
            </Empty>
          ) : (
            <>
              <Rows items={items} />
              {nextCursor !== null && (
                <p class="note">These are the first hundred. Others: /console/stock/ and their SKU.</p>
              )}
            </>
          )
        }
      </Shown>
    </>
  );
}

const Rows = ({ items }: { items: Product[] }) => (
  <Table caption="Products by SKU" head={['Product', 'Price', 'On hand', 'Held', 'To be sold', 'By warehouse']}>
    {items.map(({ sku, name, priceMinor, currency, onHand, reserved, warehouses }) => (
      <tr key={sku}>
        <th scope="row">
          <Link to={`/stock/${sku}`}>{name}</Link> <code>{sku}</code>
        </th>
        <td class="number">{money(priceMinor, currency)}</td>
        <td class="number">{onHand}</td>
        <td class="number">{reserved}</td>
        <td class="number">{onHand - reserved === 0 ? <Badge word="none" tone="alert" /> : onHand - reserved}</td>
        <td>{warehouses.map((at) => `${at.warehouse}: ${at.onHand}`).join(', ')}</td>
      </tr>
    ))}
  </Table>
);

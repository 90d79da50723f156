// The shop: choose products and a card, place the order, watch it; place it again and see that it is the same one.
import { usePlace, useScope } from '../../lib/place.ts';
import { get } from '../../lib/api.ts';
import { money } from '../../lib/format.ts';
import { useResource } from '../../lib/resource.ts';
import type { Page, Product } from '../../lib/types.ts';
import { TextField } from '../../ui/fields.tsx';
import { Card, Empty, Problem, Shown, Title } from '../../ui/parts.tsx';
import { testCards } from './cards.ts';
import { usePurchase, type Purchase } from './purchase.ts';
import { Watch } from './watch.tsx';

export function ShopPage() {
  const { config } = usePlace();
  const scope = useScope('orders:write');
  const products = useResource('products', (signal) => get<Page<Product>>('/products?limit=100', signal));
  const buying = usePurchase(config.simulatorUrl !== null);
  const { purchase } = buying;
  return (
    <>
      <Title text="Shop" />
      {!scope.allowed && <p class="problem">You can look. To place an order: {scope.why}</p>}
      {purchase.sent === null ? (
        <Shown what="products" of={products}>
          {({ items }) =>
            items.length === 0 ? <NoProducts /> : <Basket products={items} buying={buying} mayBuy={scope.allowed} />
          }
        </Shown>
      ) : (
        <Placed buying={buying} />
      )}
    </>
  );
}

type Buying = ReturnType<typeof usePurchase>;

const NoProducts = () => (
  <Empty>
    <p>
      Nothing is for sale so far. A product is made by <code>PUT /products/&#123;sku&#125;</code>;{' '}
      <code>npm start</code> makes a few to play with.
    </p>
  </Empty>
);

function Basket({ products, buying, mayBuy }: { products: Product[]; buying: Buying; mayBuy: boolean }) {
  const { purchase, place, isBusy, problem } = buying;
  const chosen = products.filter(({ sku }) => (purchase.units[sku] ?? 0) > 0);
  const totalMinor = chosen.reduce((sum, { sku, priceMinor }) => sum + priceMinor * (purchase.units[sku] ?? 0), 0);
  return (
    <form class="columns" onSubmit={(event) => (event.preventDefault(), void place())}>
      <Card title="Products">
        <ul class="products">
          {products.map((product) => (
            <ProductRow key={product.sku} product={product} buying={buying} />
          ))}
        </ul>
      </Card>
      <div>
        <Payment buying={buying} />
        <Card title="Order">
          <TextField
            label="Customer id"
            value={purchase.customerId}
            onChange={(customerId) => buying.choose({ customerId })}
            required
          />
          <label class="check">
            <input
              type="checkbox"
              checked={purchase.ships}
              onChange={(event) => buying.choose({ ships: event.currentTarget.checked })}
            />{' '}
            Ship it to Ada in Bremen (it is packed, returned and changed on its page)
          </label>
          <p>
            Together: <b>{chosen[0] ? money(totalMinor, chosen[0].currency) : 'nothing chosen yet'}</b>
          </p>
          {problem && <Problem problem={problem} />}
          <button type="submit" class="primary" disabled={chosen.length === 0 || !mayBuy} aria-disabled={isBusy}>
            {isBusy ? 'Placing …' : 'Place the order'}
          </button>
        </Card>
      </div>
    </form>
  );
}

function ProductRow({ product, buying: { purchase, choose } }: { product: Product; buying: Buying }) {
  const { sku, name, priceMinor, currency, onHand, reserved } = product;
  const there = onHand - reserved;
  return (
    <li>
      <label>
        <span>
          {name}{' '}
          <small>
            {money(priceMinor, currency)} · {there > 0 ? `${there} there` : 'none there: an order for it is rejected'}
          </small>
        </span>
        <input
          type="number"
          min={0}
          max={10_000}
          inputMode="numeric"
          value={purchase.units[sku] ?? 0}
          onInput={(event) =>
            choose({ units: { ...purchase.units, [sku]: Math.trunc(Number(event.currentTarget.value)) || 0 } })
          }
        />
      </label>
    </li>
  );
}

function Payment({ buying: { purchase, choose } }: { buying: Buying }) {
  const { config } = usePlace();
  if (config.simulatorUrl === null)
    return (
      <Card title="Payment">
        <TextField
          label="Payment method"
          value={purchase.method}
          onChange={(method) => choose({ method })}
          required
          hint="Its id at the provider, never a card number"
        />
      </Card>
    );
  return (
    <Card title="A test card that …">
      <fieldset>
        <legend class="visually-hidden">A test card that …</legend>
        {testCards
          .filter(({ losesAnswer }) => !losesAnswer || config.canLoseAnswers)
          .map(({ name, does, then }) => (
            <label key={name} class="check">
              <input
                type="radio"
                name="card"
                value={name}
                checked={purchase.card === name}
                onChange={() => choose({ card: name })}
              />{' '}
              <span>
                <b>{does}</b>
                {purchase.card === name && <small>{then}</small>}
              </span>
            </label>
          ))}
      </fieldset>
    </Card>
  );
}

function Placed({ buying: { purchase, place, anew, isBusy, problem } }: { buying: Buying }) {
  return (
    <div class="columns">
      <Card title="Your order">
        {purchase.orderId === null ? (
          <p>It was sent; no answer came so far. Sent again it is one order all the same.</p>
        ) : (
          <Watch key={purchase.orderId} orderId={purchase.orderId} />
        )}
      </Card>
      <Card title="Place it again">
        <p>
          The same request under the same key, <code>{purchase.key}</code>, is the same order: its first answer comes
          again.
        </p>
        <button type="button" class="primary" aria-disabled={isBusy} onClick={() => void place()}>
          {isBusy ? 'Placing …' : 'Place again with the same key'}
        </button>
        <p role="status">{sayRepeats(purchase)}</p>
        {problem && <Problem problem={problem} />}
        <p>
          <button type="button" onClick={anew}>
            Begin another order
          </button>
        </p>
      </Card>
    </div>
  );
}

function sayRepeats({ orderId, repeats }: Purchase): string {
  if (orderId === null || repeats === 0) return '';
  return `Placed ${repeats + 1} times, answered with one order: …${orderId.slice(-8)} (Idempotency-Replayed: true).`;
}

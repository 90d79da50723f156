// The frame of every page: where one is, who one is, and the page itself.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from './lib/api.ts';
import { useResource } from './lib/resource.ts';
import { RouteContext, useRouting } from './lib/route.ts';
import { forgetKey } from './lib/session.ts';
import { PlaceContext, type Place } from './lib/place.ts';
import type { Config } from './lib/types.ts';
import { KeyGate } from './ui/key-gate.tsx';
import { Empty, Link, Shown, Title } from './ui/parts.tsx';
import { ChaosPage } from './pages/chaos/index.tsx';
import { OperationsPage } from './pages/operations/index.tsx';
import { OrderPage } from './pages/order/index.tsx';
import { OrdersPage } from './pages/orders/index.tsx';
import { ShopPage } from './pages/shop/index.tsx';
import { StockPage } from './pages/stock/index.tsx';

const sections = [
  ['/shop', 'Shop'],
  ['/orders', 'Orders'],
  ['/operations', 'Operations'],
  ['/stock', 'Stock'],
] as const;
/** Only where there is something to break. */
const chaosSection = ['/chaos', 'Chaos'] as const;

export function App() {
  const config = useResource('config', (signal) => get<Config>('/console/config.json', signal));
  return (
    <Shown what="where this runs" of={config}>
      {(known) => (
        <KeyGate isNeeded={known.auth === 'keys'}>{(caller) => <Frame place={{ config: known, caller }} />}</KeyGate>
      )}
    </Shown>
  );
}

function Frame({ place }: { place: Place }) {
  const going = useRouting();
  const { path } = going.route;
  useFocusOnTitle(path);
  const shown = place.config.chaos ? [...sections, chaosSection] : sections;
  return (
    <PlaceContext.Provider value={place}>
      <RouteContext.Provider value={going}>
        <a class="skip" href="#page">
          Skip to the page
        </a>
        <header>
          <span class="brand">durable-orders</span>
          <nav aria-label="Pages">
            <ul>
              {shown.map(([to, name]) => (
                <li key={to}>
                  <Link to={to} current={path === to || path.startsWith(`${to}/`)}>
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <KeyOf place={place} />
        </header>
        <main id="page" tabIndex={-1}>
          <Page path={path} />
        </main>
      </RouteContext.Provider>
    </PlaceContext.Provider>
  );
}

function Page({ path }: { path: string }) {
  const [, section = '', name] = path.split('/');
  if (section === '' || section === 'shop') return <ShopPage />;
  if (section === 'orders') return name ? <OrderPage key={name} id={name} /> : <OrdersPage />;
  if (section === 'operations') return <OperationsPage name={name ?? ''} />;
  if (section === 'stock') return <StockPage sku={name ?? ''} />;
  if (section === 'chaos') return <ChaosPage />;
  return (
    <>
      <Title text="Nothing here" />
      <Empty>
        <p>There is no page of this name.</p>
      </Empty>
    </>
  );
}

function KeyOf({ place: { config, caller } }: { place: Place }) {
  const [isOpen, setOpen] = useState(false);
  if (config.auth === 'off') return <span class="who">one machine, no key needed</span>;
  return (
    <span class="who">
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Key
      </button>
      {isOpen && (
        <span>
          {' '}
          {caller.actor} of {caller.tenant}: {caller.scopes.join(', ')}{' '}
          <button type="button" onClick={() => (forgetKey(), location.reload())}>
            Use another
          </button>
        </span>
      )}
    </span>
  );
}

/** A page that came by a link is told by its title; the first one is read from the top. */
function useFocusOnTitle(path: string): void {
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) isFirst.current = false;
    else document.querySelector<HTMLElement>('h1')?.focus();
  }, [path]);
}

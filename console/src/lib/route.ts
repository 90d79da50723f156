// Which page is shown: the path below /console and its query. Links are real links; only plain clicks stay in the page.
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

const BASE = '/console';

export type Route = { path: string; search: string };
type Going = { route: Route; go: (to: string, options?: { replace?: boolean }) => void };

const current = (): Route => ({
  path: location.pathname.slice(BASE.length).replace(/\/$/, '') || '/',
  search: location.search,
});

/** The address of a page, as it stands in a link. */
export const hrefOf = (to: string): string => `${BASE}${to}`;

export const RouteContext = createContext<Going>({ route: { path: '/', search: '' }, go: () => undefined });
export const useRoute = (): Going => useContext(RouteContext);

export function useRouting(): Going {
  const [route, setRoute] = useState(current);
  useEffect(() => {
    const onPop = (): void => setRoute(current());
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);
  const go: Going['go'] = (to, { replace = false } = {}) => {
    if (replace) history.replaceState(null, '', hrefOf(to));
    else history.pushState(null, '', hrefOf(to));
    setRoute(current());
    if (!replace) scrollTo(0, 0);
  };
  return { route, go };
}

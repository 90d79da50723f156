import { createContext } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import { ofTenant, type Store } from './intent.ts';
import type { Caller, Config } from './types.ts';

/** Where the console runs, and who uses it. */
export type Place = { config: Config; caller: Caller };
export const PlaceContext = createContext<Place | null>(null);

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error('Expected to be inside the frame; found none');
  return place;
}

/** Whether the caller's key allows what needs this scope; with what to say where it does not. */
export function useScope(scope: Caller['scopes'][number]): { allowed: boolean; why: string } {
  return { allowed: usePlace().caller.scopes.includes(scope), why: `This needs a key with the scope ${scope}.` };
}

/** What is kept in this tab, of this tenant's people. */
export function useStore(): Store {
  const { tenant } = usePlace().caller;
  return useMemo(() => ofTenant(sessionStorage, tenant), [tenant]);
}

import { z } from 'zod';
import { isLoopback } from './loopback.ts';

/** Said by `npm start` alone: where its control server is, and what it asks for. The console is told both. */
export const chaosSettings = {
  CHAOS_CONTROL_URL: z.url().optional(),
  CHAOS_CONTROL_TOKEN: z.string().min(20).optional(),
};

type Given = {
  CHAOS_CONTROL_URL?: string | undefined;
  CHAOS_CONTROL_TOKEN?: string | undefined;
  HOST: string;
  STRIPE_API_BASE: string;
  STRIPE_API_KEY?: string | undefined;
};

/** Why these do not go together: what breaks things must not be told to anybody who comes from elsewhere, nor be near real money. */
export function chaosConflictOf(given: Given): string | null {
  const { CHAOS_CONTROL_URL: url, CHAOS_CONTROL_TOKEN: token } = given;
  if (url === undefined && token === undefined) return null;
  if (url === undefined || token === undefined)
    return 'CHAOS_CONTROL_URL, CHAOS_CONTROL_TOKEN: both or none; `npm start` sets them, nobody else';
  const addresses = {
    CHAOS_CONTROL_URL: url,
    HOST: `http://${bracketed(given.HOST)}`,
    STRIPE_API_BASE: given.STRIPE_API_BASE,
  };
  const elsewhere = Object.entries(addresses).find(([, address]) => !isHere(address));
  if (elsewhere) return `CHAOS_CONTROL_URL: only where everything is on loopback; ${elsewhere[0]} is not`;
  if ((given.STRIPE_API_KEY ?? '').includes('_live_')) return 'CHAOS_CONTROL_URL: never beside a live provider key';
  return null;
}

/** As the console is told. */
export const chaosOf = ({
  CHAOS_CONTROL_URL: url,
  CHAOS_CONTROL_TOKEN: token,
}: Given): { url: string; token: string } | null =>
  url !== undefined && token !== undefined ? { url: new URL(url).origin, token } : null;

const bracketed = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
const isHere = (address: string): boolean => URL.canParse(address) && isLoopback(new URL(address).hostname);

// Which addresses may be told. What must stay true: whoever may write a URL into our database must not reach by it what only this
// machine and its network reach: other services, metadata of a cloud, itself. A name is resolved once, and what was checked is connected to;
// and a name whose servers do not answer holds up nobody else's.
import { promises } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Why nothing was sent. It says no more than that: what a name leads to within our network is nobody's business. */
export class ForbiddenAddress extends Error {
  constructor() {
    super('the URL does not lead to the open internet');
  }
}

// Not the system's resolver: that one works on the few threads that the database and the provider need too.
const RESOLVE_MS = 2_000;

/** Whether it is an address of the open internet; `loopback`: or of this machine. */
export function isOpen(address: string, { loopback }: { loopback: boolean }): boolean {
  if (!ipaddr.isValid(address)) return false;
  // An IPv4 address within an IPv6 one is what it is.
  const range = ipaddr.process(address).range();
  return range === 'unicast' || (loopback && range === 'loopback');
}

/** Throws for a host that is an address already: nobody looks that up. */
export function refuseLiteral(hostname: string, options: { loopback: boolean }): void {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(address) && !isOpen(address, options)) throw new ForbiddenAddress();
}

/**
 * As `dns.lookup`, for a connection: fails when the name has no address, or any that is forbidden. `nameServers`: who is asked, as
 * `address:port`; without it, those of this machine.
 */
export const createGuardedLookup =
  (options: { loopback: boolean; nameServers?: readonly string[] | undefined }): LookupFunction =>
  (hostname, { all }, callback) => {
    void resolve(hostname, options.nameServers).then((addresses) => {
      const [first] = addresses;
      if (!first || !addresses.every((address) => isOpen(address, options)))
        return callback(new ForbiddenAddress(), '');
      if (all)
        callback(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        );
      else callback(null, first, isIP(first));
    });
  };

/** Never rejects: a name that can not be resolved has no address. */
async function resolve(hostname: string, nameServers?: readonly string[]): Promise<string[]> {
  if (hostname === 'localhost') return ['127.0.0.1'];
  const resolver = new promises.Resolver({ timeout: RESOLVE_MS, tries: 1 });
  if (nameServers) resolver.setServers(nameServers);
  const found = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  return found.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

// Which addresses can only be on this machine.
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host (an address, in brackets or not, or a name) is this machine's loopback interface. */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  const version = isIP(name);
  if (version === 0) return name === 'localhost' || name.endsWith('.localhost');
  return loopback.check(name, version === 4 ? 'ipv4' : 'ipv6');
}

// Connecting to "any address" connects to this machine too.
export const isThisMachine = (host: string): boolean => isLoopback(host) || ['0.0.0.0', '[::]', '::'].includes(host);

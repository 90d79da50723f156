// A small TCP proxy between our processes and what they stand on, so that connections can be cut or fall silent without
// anybody dying.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Proxy = {
  port: number;
  /** Breaks every connection there is; answers how many there were. */
  cut: () => number;
  /** Nothing goes through for a while, in either direction, and then every connection breaks. */
  hang: (forMs: number) => Promise<number>;
  close: () => Promise<void>;
};

/** Forwards from a free port on loopback to `targetPort` on loopback. */
export async function createProxy(targetPort: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let silent = false;

  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      // A connection that breaks on one side breaks on the other.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (bytes) => forward(far, bytes, near));
    far.on('data', (bytes) => forward(near, bytes, far));
  });

  function forward(to: Socket, bytes: Buffer, from: Socket): void {
    // What is said into the silence is lost: the connection never speaks again.
    if (silent) return;
    if (to.write(bytes)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }

  function cut(): number {
    const open = [...pairs];
    for (const [near, far] of open) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    return open.length;
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    hang: async (forMs) => {
      silent = true;
      await sleep(forMs);
      const struck = cut();
      silent = false;
      return struck;
    },
    close: async () => {
      const closed = new Promise((resolve) => void server.close(resolve));
      cut();
      await closed;
    },
  };
}

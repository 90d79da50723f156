import { createServer } from 'node:net';

// Below where systems take ports for connections from: one of those may be gone before its server listens.
const [LOWEST, HIGHEST] = [20_000, 32_000];
const TRIES = 50;

/** The wanted port if it is free on loopback, any other free one if not, or if it is 0. */
export async function choosePort(wanted: number): Promise<number> {
  const found = wanted === 0 ? null : await tryPort(wanted);
  if (found !== null) return found;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = await tryPort(LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST)));
    if (port !== null) return port;
  }
  return (await tryPort(0)) ?? wanted;
}

const tryPort = (port: number): Promise<number | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });

// The processes of the stack that `npm start` runs, as its supervisor knows them: it alone can kill one, and start it again.
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_MS = 5_000;
const POLL_MS = 200;

export type Chaos = { url: string; token: string };
export type Processes = {
  /** SIGKILL; answers with the process that was killed. */
  kill: (name: string) => Promise<number>;
  /** Waits until it runs again as another process; null when it did not come back in time. */
  replaced: (name: string, killed: number, withinMs: number) => Promise<number | null>;
};
type Listed = { items: { name: string; pid: number | null; state: string }[] };

export function createProcesses({ url, token }: Chaos, signal: AbortSignal): Processes {
  async function ask<T>(method: string, path: string): Promise<T> {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    if (!answer.ok) throw new Error(`The supervisor of npm start answers ${answer.status} to ${method} ${path}`);
    return (await answer.json()) as T;
  }
  return {
    kill: async (name) => (await ask<{ pid: number }>('POST', `/processes/${name}/kill`)).pid,
    replaced: async (name, killed, withinMs) => {
      for (const until = Date.now() + withinMs; Date.now() < until; await sleep(POLL_MS, undefined, { signal })) {
        const { items } = await ask<Listed>('GET', '/processes');
        const found = items.find((one) => one.name === name);
        if (found?.state === 'running' && found.pid !== null && found.pid !== killed) return found.pid;
      }
      return null;
    },
  };
}

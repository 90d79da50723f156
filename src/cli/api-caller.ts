// Where commands find the api, and how they ask it.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ReconcileConfig } from '../runtime/config.ts';

const lockFile = fileURLToPath(new URL('../../.local/npm-start.json', import.meta.url));

/** GET without a body, POST with one; the answer's body as JSON. Rejects with what the api says where it refuses. */
export type ApiCall = (path: string, post?: { body: object; key: string }) => Promise<unknown>;

/** The api that is named, or that of the stack that npm start runs in this folder. */
export async function openApiCall({
  ORDERS_API_URL: given,
  ORDERS_API_KEY: key,
}: ReconcileConfig): Promise<{ url: string; call: ApiCall }> {
  const url = given ?? (await runningStack());
  const call: ApiCall = async (path, post) => {
    const response = await fetch(`${url}${path}`, {
      headers: {
        ...(key ? { Authorization: `Bearer ${key}` } : {}),
        ...(post ? { 'Content-Type': 'application/json', 'Idempotency-Key': post.key } : {}),
      },
      ...(post ? { method: 'POST', body: JSON.stringify(post.body) } : {}),
    });
    if (!response.ok) throw new Error(`${url}${path} answers ${response.status}: ${await response.text()}`);
    return response.json();
  };
  return { url, call };
}

async function runningStack(): Promise<string> {
  const text = await readFile(lockFile, 'utf8').catch(() => null);
  const { stack } = (text === null ? {} : JSON.parse(text)) as { stack?: { apiUrl?: string } };
  if (stack?.apiUrl) return stack.apiUrl;
  throw new Error('No stack runs here: start one with npm start, or set ORDERS_API_URL.');
}

// `npm run erasures -- export | replay`: the list of what was asked to be erased, kept outside of the database; and asked for once more after a
// backup has brought it back. Ends 0 when it is done, 2 when it could not be.
import { createInterface } from 'node:readline';
import { loadReconcileConfig } from '../runtime/config.ts';
import { openApiCall, type ApiCall } from './api-caller.ts';

const usage = `Usage: npm run --silent erasures -- export > erasures.jsonl
       npm run --silent erasures -- replay < erasures.jsonl
Speaks to the stack that npm start runs in this folder, or to ORDERS_API_URL; with ORDERS_API_KEY (scope admin) where keys are needed.`;

const PAGE = 100;
type Erasure = { id: string; customerId: string; placedBefore: string; reason: string };
type Page = { items: Erasure[]; nextCursor: string | null };

const say = (text: string): void => void process.stderr.write(`${text}\n`);

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return 2;
});

async function main([command, ...rest]: string[]): Promise<number> {
  if ((command !== 'export' && command !== 'replay') || rest.length > 0) throw new Error(usage);
  const { url, call } = await openApiCall(loadReconcileConfig());
  const count = command === 'export' ? await write(call) : await replay(call);
  say(`${count} erasures ${command === 'export' ? 'read from' : 'asked for at'} ${url}`);
  return 0;
}

async function write(call: ApiCall): Promise<number> {
  let count = 0;
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = (await call(`/erasures?limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)) as Page;
    for (const { id, customerId, placedBefore, reason } of page.items)
      process.stdout.write(`${JSON.stringify({ id, customerId, placedBefore, reason })}\n`);
    count += page.items.length;
    cursor = page.nextCursor;
  }
  return count;
}

/** Each under a key of its own, so that what was broken off can be begun anew. */
async function replay(call: ApiCall): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    const { id, customerId, placedBefore, reason } = toErasure(line, count + 1);
    await call('/erasures', { body: { customerId, placedBefore, reason }, key: `replay:${id}` });
    count += 1;
  }
  return count;
}

function toErasure(line: string, number: number): Erasure {
  const { id, customerId, placedBefore, reason } = JSON.parse(line) as Partial<Erasure>;
  if (id === undefined || customerId === undefined || placedBefore === undefined || reason === undefined)
    throw new Error(`Expected line ${number} to be one that export has written; found another`);
  return { id, customerId, placedBefore, reason };
}

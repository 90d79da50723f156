// `npm run replay`: says which open workflows a build of ours would break (docs/changing-workflows.md). Ends 0 when it breaks none, 1
// when it breaks some, 2 when it could not look.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { openDataConverter } from '../adapters/temporal/data-converter.ts';
import { readable } from '../adapters/temporal/readable.ts';
import { loadReplayConfig } from '../runtime/config.ts';
import { loadTemporalConnection } from '../runtime/temporal.ts';
import { tableLines } from '../runtime/text-table.ts';
import { openWorkflows, type Wanted } from './open-workflows.ts';
import { recordedHistories } from './recorded.ts';
import { judge, type Open, type Verdict } from './verdict.ts';

const USAGE = `npm run replay -- [--live [--type <name>]… [--query <filter>] [--limit <count>]] [--bundle <file>]
Without --live: the histories that are recorded in this repository.

  --live     the workflows that run in the cluster of TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE … (as api and worker have them)
  --type     only workflows of this type, for example processOrder; can be given several times
  --query    only those that this filter of Temporal finds as well, for example "OrderAttention is not null"
  --limit    not more than so many
  --bundle   another build of the workflows than the one of this folder
Ends 0 when the build goes on with all of them, 1 when it would break some, 2 when it could not look.`;

const BREAKS = 1;
const FAILED = 2;
const TELL_EVERY = 100;
// Whoever breaks thousands learns nothing from the last ones, and each is held until the end.
const MAX_SHOWN = 100;
const CONNECT_WITHIN_MS = 5_000;
// For a page of the list, or a history.
const DEADLINE_MS = 30_000;

const ourBundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
const histories = fileURLToPath(new URL('../../test/replay/histories/', import.meta.url));

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const answer = (text: string): void => void process.stdout.write(`${text}\n`);

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return FAILED;
});

async function main(args: string[]): Promise<number> {
  const { help, live, bundle, wanted } = readOptions(args);
  if (help) return (answer(USAGE), 0);
  const code = await readFile(bundle, 'utf8');
  quieten();
  if (!live) return count(judge(code, recordedHistories(histories)), 'recorded histories');
  const temporal = loadTemporalConnection();
  say(`Looking at ${temporal.connection.address}, namespace ${temporal.namespace}`);
  const connection = await Connection.connect({ ...temporal.connection, connectTimeout: CONNECT_WITHIN_MS });
  try {
    const { dataConverter } = openDataConverter(loadReplayConfig());
    const client = new Client({ connection, namespace: temporal.namespace, dataConverter });
    return await count(
      judge(
        code,
        withDeadlines(
          connection,
          openWorkflows(client, wanted, (history) => readable(client, history)),
        ),
      ),
      'running workflows',
    );
  } finally {
    await connection.close();
  }
}

function readOptions(args: string[]): { help: boolean; live: boolean; bundle: string; wanted: Wanted } {
  try {
    const options = {
      help: { type: 'boolean' },
      live: { type: 'boolean' },
      type: { type: 'string', multiple: true },
      query: { type: 'string' },
      limit: { type: 'string' },
      bundle: { type: 'string' },
    } as const;
    const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
    const { help = false, live = false, type: types = [], query = null, bundle = ourBundle } = values;
    if (!live && (types.length > 0 || query !== null || values.limit !== undefined))
      throw new Error('--type, --query and --limit go with --live');
    if (types.some((type) => !/^\w+$/.test(type))) throw new Error('--type: the name of a workflow type');
    const limit = Number(values.limit ?? Number.POSITIVE_INFINITY);
    if (!(limit >= 1)) throw new Error('--limit: a count, 1 or more');
    return { help, live, bundle, wanted: { types, query, limit } };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** A server that stops answering must not hold a deploy for ever. */
async function* withDeadlines(connection: Connection, open: AsyncGenerator<Open>): AsyncGenerator<Open> {
  for (;;) {
    const next = await connection.withDeadline(Date.now() + DEADLINE_MS, () => open.next());
    if (next.done) return;
    yield next.value;
  }
}

async function count(verdicts: AsyncIterable<Verdict>, what: string): Promise<number> {
  let total = 0;
  let broken = 0;
  const rows: string[][] = [];
  for await (const { workflowId, type, breaks } of verdicts) {
    total += 1;
    if (total % TELL_EVERY === 0) say(`${total} so far, ${broken} of them would break`);
    if (!breaks) continue;
    broken += 1;
    if (rows.length < MAX_SHOWN) rows.push([workflowId, type, breaks.event, breaks.what]);
  }
  if (rows.length > 0)
    for (const line of tableLines([['workflow', 'type', 'at event', 'what differs'], ...rows])) answer(line);
  if (broken > rows.length) answer(`… and ${broken - rows.length} more`);
  answer(`${total - broken} of ${total} ${what} replay${broken > 0 ? `; ${broken} would break` : ''}`);
  return broken > 0 ? BREAKS : 0;
}

/** The SDK tells of every refusal at length; the table says the same. */
function quieten(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
  });
}

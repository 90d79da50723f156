// Not a test but a recorder, run by `npm run record`: walks every path that has no history yet and keeps its history. A
// recorded history is never changed: it stands for the orders that are open while a new version is deployed.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, test } from '@jest/globals';
import { amendPaths } from '../support/amend-paths.ts';
import { backorderPaths } from '../support/backorder-paths.ts';
import { capturePaths } from '../support/capture-paths.ts';
import { comparisons, shortGrace } from '../support/comparisons.ts';
import { putProduct } from '../support/orders.ts';
import { startMailServer } from '../support/mail-server.ts';
import { noticePaths } from '../support/notice-paths.ts';
import { mailingTo } from '../support/noticing.ts';
import { followUps } from '../support/follow-ups.ts';
import { paths, shortBounds } from '../support/paths.ts';
import { refundPaths } from '../support/refund-paths.ts';
import { returnPaths, shortReturns } from '../support/return-paths.ts';
import { shippingPaths, shortShipping } from '../support/shipping-paths.ts';
import { startTestStack } from '../support/stack.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`histories/${name}.json`, import.meta.url));
const shipped = 'ships-and-is-delivered';
const traced = ['happy', 'charge-parked-then-retried', 'cancelled-while-parked', shipped];
const underTrace = (name: string): string => `traced-${name}`;
const tracedNames = [...traced, `${shipped}-shipment-1`].map(underTrace);
const isRecording = process.env['RECORD_HISTORIES'] === '1';

test('every path of an order, of a payment that changes without it, and of a comparison has a recorded history', () => {
  if (isRecording) return;
  const ofShipments = [...shippingPaths, ...backorderPaths].flatMap(({ name, shipments }) => [
    name,
    ...shipments.map((n) => ofShipment(name, n)),
  ]);
  const ofAmendments = amendPaths.flatMap(({ name, isOver }) => [name, ...(isOver ? [`${name}-order`] : [])]);
  const others = [...paths, ...followUps, ...refundPaths, ...returnPaths, ...capturePaths, ...comparisons].map(
    ({ name }) => name,
  );
  const names = [...others, ...noticePaths.map(({ name }) => name), ...ofShipments, ...ofAmendments, ...tracedNames];
  expect(names.filter((name) => !existsSync(fileOf(name)))).toEqual([]);
});

(isRecording ? test : test.skip)(
  'records the paths that have none',
  async () => {
    const stack = await startTestStack({ webhooks: true, env: { ...shortBounds, ...shortReturns } });
    await putProduct(stack.url, 'book');
    await putProduct(stack.url, 'free', { priceMinor: 0 });
    for (const { name, walk } of paths.filter((path) => !existsSync(fileOf(path.name)))) {
      const id = await walk(stack);
      const handle = stack.temporal.workflow.getHandle(id);
      if (name !== 'refund-failed-parks') await handle.result();
      await keep(name, await handle.fetchHistory());
    }
    for (const { name, walk } of [...followUps, ...refundPaths, ...returnPaths, ...capturePaths].filter(
      (path) => !existsSync(fileOf(path.name)),
    )) {
      const { workflowId } = await walk(stack);
      await keep(name, await stack.temporal.workflow.getHandle(workflowId).fetchHistory());
    }
    await stack.close();
  },
  300_000,
);

(isRecording ? test : test.skip)(
  'records the comparisons that have none',
  async () => {
    const missing = comparisons.filter((path) => !existsSync(fileOf(path.name)));
    if (missing.length === 0) return;
    const stack = await startTestStack({ env: { ...shortBounds, ...shortGrace } });
    await putProduct(stack.url, 'book');
    for (const { name, walk } of missing) {
      const handle = stack.temporal.workflow.getHandle(await walk(stack));
      await handle.result();
      await keep(name, await handle.fetchHistory());
    }
    await stack.close();
  },
  300_000,
);

(isRecording ? test : test.skip)(
  'records the paths of shipping that have none',
  async () => {
    const missing = [...shippingPaths, ...backorderPaths].filter((path) => !existsSync(fileOf(path.name)));
    if (missing.length === 0) return;
    const stack = await startTestStack({ webhooks: true, env: shortShipping });
    await putProduct(stack.url, 'book');
    for (const { name, shipments, walk } of missing) {
      const id = await walk(stack);
      await stack.temporal.workflow.getHandle(id).result();
      await keep(name, await stack.temporal.workflow.getHandle(id).fetchHistory());
      for (const number of shipments) {
        const handle = stack.temporal.workflow.getHandle(`${id}:shipment:${number}`);
        await keep(ofShipment(name, number), await handle.fetchHistory());
      }
    }
    await stack.close();
  },
  300_000,
);

(isRecording ? test : test.skip)(
  'records the paths of amendments that have none',
  async () => {
    const missing = amendPaths.filter((path) => !existsSync(fileOf(path.name)));
    if (missing.length === 0) return;
    const stack = await startTestStack({ webhooks: true, env: shortBounds });
    await putProduct(stack.url, 'book');
    for (const { name, isOver, walk } of missing) {
      const id = await walk(stack);
      const handle = stack.temporal.workflow.getHandle(`${id}:amendment:1`);
      await handle.result();
      await keep(name, await handle.fetchHistory());
      const order = stack.temporal.workflow.getHandle(id);
      if (isOver) await order.result();
      if (isOver) await keep(`${name}-order`, await order.fetchHistory());
    }
    await stack.close();
  },
  300_000,
);

(isRecording ? test : test.skip)(
  'records the notices that have none',
  async () => {
    const missing = noticePaths.filter((path) => !existsSync(fileOf(path.name)));
    if (missing.length === 0) return;
    const server = await startMailServer();
    const stack = await startTestStack({ env: mailingTo(server) });
    await putProduct(stack.url, 'book');
    for (const { name, walk } of missing) {
      const { workflowId } = await walk(stack, server);
      await keep(name, await stack.temporal.workflow.getHandle(workflowId).fetchHistory());
    }
    await stack.close();
    await server.close();
  },
  300_000,
);

(isRecording ? test : test.skip)(
  'records what has none under a trace',
  async () => {
    if (tracedNames.every((name) => existsSync(fileOf(name)))) return;
    // Nobody collects the spans; the headers that carry the trace are in the history all the same.
    const traces = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
    const stack = await startTestStack({ webhooks: true, env: { ...shortBounds, ...shortShipping, ...traces } });
    await putProduct(stack.url, 'book');
    for (const { name, walk } of [...paths, ...shippingPaths].filter((path) => traced.includes(path.name))) {
      const id = await walk(stack);
      const handle = stack.temporal.workflow.getHandle(id);
      await handle.result();
      await keep(underTrace(name), await handle.fetchHistory());
      if (name !== shipped) continue;
      const shipment = stack.temporal.workflow.getHandle(`${id}:shipment:1`);
      await keep(ofShipment(underTrace(name), 1), await shipment.fetchHistory());
    }
    await stack.close();
  },
  300_000,
);

const ofShipment = (name: string, number: number): string => `${name}-shipment-${number}`;

async function keep(name: string, history: Parameters<typeof historyToJSON>[0]): Promise<void> {
  const json: unknown = JSON.parse(historyToJSON(history));
  await writeFile(fileOf(name), `${JSON.stringify(json, scrub, 1)}\n`);
}

/** What says something about the machine and nothing about the order; replay reads neither. */
const scrub = (name: string, value: unknown): unknown =>
  name === 'stackTrace' ? '' : name === 'identity' ? 'worker' : value;

// Alerts and dashboards, by Prometheus's own tool: each is understood, seen firing and seen quiet, and says what to do.
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { ops, readAlerts, readCases, readPanels } from '../support/alerts.ts';
import { showNotices } from '../../src/adapters/notification/metrics.ts';
import { createBroker } from '../../src/background/broker.ts';
import { createCustomerNotices } from '../../src/background/customer-notices.ts';
import type { NoticeParts } from '../../src/ports/customer-notice.ts';
import { createMetrics } from '../../src/runtime/metrics.ts';
import { missingIn } from '../support/scraping.ts';
import type { BrokerParts } from '../../src/ports/broker.ts';
import { silent } from '../support/database.ts';
import { flawsOf, metricsIn, summedBy } from '../support/expressions.ts';
import { findPromtool, isPromtoolRequired, runPromtool, withFile } from '../support/promtool.ts';

const promtool = await findPromtool();
// Get it by scripts/fetch-promtool.sh. Where CI is set nothing is left out.
const withPromtool = promtool === null && !isPromtoolRequired ? test.skip : test;
const tool = promtool ?? 'promtool';
const well = { code: 0, text: expect.stringContaining('SUCCESS') };

withPromtool('every rule and the example configuration are understood', async () => {
  expect(await runPromtool(tool, ['check', 'config', `${ops}prometheus/prometheus.yml`])).toEqual(well);
});

withPromtool('every alert fires when it should, and is quiet when it should', async () => {
  const said = await runPromtool(tool, ['test', 'rules', `${ops}prometheus/alerts.test.yml`]);
  expect(said).toEqual({ code: 0, text: expect.stringMatching(/SUCCESS/) });
});

withPromtool('every panel asks something that is understood', async () => {
  const rules = (await readPanels()).map(({ expr }, index) => ({ record: `panel:${index}`, expr }));
  expect(rules.length).toBeGreaterThan(20);
  expect(await withFile(tool, ['check', 'rules'], { groups: [{ name: 'panels', rules }] })).toEqual(well);
});

test('every alert has a case in which it fires, and one in which it is quiet', async () => {
  const expected = (await readAlerts()).flatMap(({ alert }) => [`${alert} 1`, `${alert} 0`]);
  const found = (await readCases()).flatMap(({ promql_expr_test: asked }) =>
    asked.map(
      ({ expr, exp_samples: [sample] }) => `${/alertname="(\w+)"/.exec(expr)?.[1] ?? ''} ${sample?.value ?? ''}`,
    ),
  );
  expect([...new Set(found)].toSorted()).toEqual(expected.toSorted());
});

test('a case is made of what its alert reads', async () => {
  const read = (await readAlerts()).flatMap(({ expr }) => metricsIn(expr));
  const made = (await readCases()).flatMap(({ input_series }) =>
    input_series.flatMap(({ series }) => metricsIn(series)),
  );
  expect(made.filter(({ name }) => !read.some((of) => of.name === name))).toEqual([]);
});

test('what an expression reads is found: names, labels by which it chooses or sums, and values', () => {
  const expr =
    'label_replace(sum by (le, queue) (rate(a_total{x=~"one|two", y!="three"}[5m:1m] offset 5m)), "kind", "b", "", "") > on () group_left () 0.3 * max(c)';
  expect(metricsIn(expr)).toEqual([
    {
      name: 'a_total',
      labels: ['x', 'y'],
      values: [
        ['x', 'one'],
        ['x', 'two'],
      ],
    },
    { name: 'c', labels: [], values: [] },
  ]);
  expect(summedBy(expr)).toEqual(['le', 'queue']);
  const asked = [metricsIn(expr), summedBy(expr)] as const;
  const text = (label: string, value: string) =>
    `# TYPE a_total counter\na_total{x="one",${label}="1"} 0\na_total{x="${value}",y="1",le="1"} 0\nc 1\n`;
  expect(flawsOf(text('queue', 'two'), ...asked)).toEqual([]);
  expect(flawsOf(text('line', 'two'), ...asked)).toEqual(['by queue']);
  expect(flawsOf(text('queue', 'three'), ...asked)).toEqual(['a_total{x="two"}']);
  expect(flawsOf(text('queue', 'two').replaceAll('c 1', 'd 1'), ...asked)).toEqual(['c']);
});

test('what is shown by a worker with a broker, or by the SDK only once it happens, has the name that alerts ask for', async () => {
  const parts = { work: {}, publisher: {}, close: () => Promise.resolve(), after: null, timeoutMs: 1 } as unknown;
  const broker = createBroker({ parts: parts as BrokerParts, logger: silent });
  expect(broker.gauges.map(({ name }) => name)).toContain('broker_waiting_events');
  const sdk = new URL('../../node_modules/@temporalio/core-bridge/sdk-core/crates/sdk-core/', import.meta.url);
  const source = await readFile(new URL('src/telemetry/metrics.rs', sdk), 'utf8');
  // The runtime puts `temporal_` before it, and `_total` (countersTotalSuffix) behind.
  expect(source).toContain('name: "workflow_task_execution_failed".into()');
});

test('what is shown by a worker that sends mails has the names, labels and values that alerts ask for', async () => {
  const parts = {
    feed: {},
    marks: {},
    starter: {},
    kinds: [],
    maxAgeMs: 1,
    paymentDelayMs: 1,
    fault: () => null,
  } as unknown;
  const metrics = createMetrics();
  showNotices(metrics);
  for (const gauge of createCustomerNotices({ parts: parts as NoticeParts, logger: silent }).gauges)
    metrics.gauge({ ...gauge, read: () => [{ value: 1 }] });
  const { body } = await metrics.page();
  expect(await missingIn(body, (name) => name.startsWith('customer_notices'))).toEqual([]);
  expect((await readAlerts()).flatMap(({ expr }) => metricsIn(expr)).map(({ name }) => name)).toContain(
    'customer_notices_total',
  );
});

test('every alert has a paragraph that says what to do, and every paragraph an alert', async () => {
  const text = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const [, section = ''] = /\n## Alerts\n([^]*?)(?=\n## |$)/.exec(text) ?? [];
  const paragraphs = section
    .split('\n### ')
    .slice(1)
    .map((text) => text.split('\n\n'));
  const alerts = await readAlerts();
  expect(paragraphs.map(([name]) => name)).toEqual(alerts.map(({ alert }) => alert));
  for (const [, said = ''] of paragraphs) expect(said.length).toBeGreaterThan(120);
  for (const { alert, annotations } of alerts)
    expect(annotations.runbook_url).toBe(`docs/operations.md#${alert.toLowerCase()}`);
});

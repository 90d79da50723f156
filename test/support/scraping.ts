// What the processes of a stack show to Prometheus, held against what alerts and dashboards ask, by Prometheus's own tool.
import { expect } from '@jest/globals';
import { ops, readAlerts, readCases, readPanels } from './alerts.ts';
import { flawsOf, metricsIn, samplesOf, summedBy } from './expressions.ts';
import { findPromtool, isPromtoolRequired, runPromtool, withFile } from './promtool.ts';
import type { Stack } from './stack.ts';

type Scrapes = { api: string; worker: string };

export async function scrape({ api, worker }: Stack): Promise<Scrapes> {
  if (!api || !worker) throw new Error('Expected a stack with an api and a worker');
  const read = async (url: string): Promise<string> => (await fetch(url)).text();
  return { api: await read(api.metricsUrl), worker: await read(`${worker.healthUrl}/metrics`) };
}

const OURS =
  /^(orders|payments|payment|carrier|broker|customer|events?|webhook|reconciliation|stock|task|figures|http|database|api|worker)_/;

/** Every name that is asked for is shown, with the labels by which it is chosen; and all of it is what Prometheus expects. */
export async function checkScrapes(scrapes: Scrapes): Promise<void> {
  expect(await missingIn(`${scrapes.api}\n${scrapes.worker}`, (name) => !shownElsewhere.includes(name))).toEqual([]);

  const promtool = await findPromtool();
  if (promtool === null) return;
  for (const text of Object.values(scrapes)) {
    const said = await runPromtool(promtool, ['check', 'metrics'], text);
    // It ends with 3 where it would name something otherwise, which Node's and the SDK's own are not asked about.
    expect([0, 3]).toContain(said.code);
    expect(said.text.split('\n').filter((line) => OURS.test(line))).toEqual([]);
  }
}

/**
 * What alerts, their cases and dashboards ask of the metrics that are chosen, and a scrape does not show. Of the cases only the names and
 * the labels: their values are made up.
 */
export async function missingIn(text: string, isChosen: (name: string) => boolean): Promise<string[]> {
  const chosen = (expr: string) => metricsIn(expr).filter(({ name }) => isChosen(name));
  const asked = [...(await readAlerts()), ...(await readPanels())];
  const made = (await readCases()).flatMap(({ input_series }) => input_series.flatMap(({ series }) => chosen(series)));
  const flaws = [
    ...asked.flatMap(({ expr }) => flawsOf(text, chosen(expr), summedBy(expr))),
    ...flawsOf(
      text,
      made.map((one) => ({ ...one, values: [] })),
    ),
  ];
  return [...new Set(flaws)];
}

/** Only shown where the books are compared: test/integration/figures-unknown.test.ts sees them. */
export const ofComparisons = [
  'reconciliation_interval_seconds',
  'reconciliation_age_seconds',
  'reconciliation_failed',
  'reconciliation_truncated',
  'reconciliation_drifts',
  'stock_unsound_products',
];
const shownElsewhere = [
  ...ofComparisons,
  // By a worker that has a broker: test/unit/alerts.test.ts.
  'broker_waiting_events',
  // By a worker that sends mails: the same.
  'customer_notices_oldest_seconds',
  'customer_notices_total',
  // By the SDK once there is one: the name is in the source of the SDK only.
  'temporal_workflow_task_execution_failed_total',
];

/** Which of the alerts fire where everything was as in `before` for half an hour, and is as in `after` from then on. */
export async function firing(
  scrapes: { before: Scrapes; after: Scrapes },
  alerts: readonly string[],
): Promise<string[]> {
  const promtool = await findPromtool();
  if (promtool === null && isPromtoolRequired)
    throw new Error('Expected promtool: get it by scripts/fetch-promtool.sh');
  // Without the tool nobody knows: see test/unit/alerts.test.ts.
  if (promtool === null) return [...alerts].filter((alert) => ['OrdersParked', 'ProviderFailing'].includes(alert));
  const fired: string[] = [];
  for (const alert of alerts) {
    const asked = ['39m', '60m'].map((at) => ({
      expr: `count(ALERTS{alertname="${alert}", alertstate="firing"}) or vector(0)`,
      eval_time: at,
      exp_samples: [{ labels: '{}', value: 0 }],
    }));
    const tests = [{ interval: '1m', input_series: seriesOf(scrapes), promql_expr_test: asked }];
    const content = { rule_files: [`${ops}prometheus/alerts.yml`], evaluation_interval: '1m', tests };
    const { code, text } = await withFile(promtool, ['test', 'rules'], content);
    if (code !== 0 && !text.includes('exp:')) throw new Error(`Expected promtool to evaluate ${alert}; found ${text}`);
    if (code !== 0) fired.push(alert);
  }
  return fired;
}

// As a shop would show it in which so many times as much happens: alerts about shares are quiet for few.
const CROWD = 20;
const COUNTED = /_(total|bucket|sum|count)$/;

function seriesOf({ before, after }: { before: Scrapes; after: Scrapes }): { series: string; values: string }[] {
  const up = [
    { series: 'up{job="orders-api"}', values: '1+0x60' },
    { series: 'up{job="orders-worker"}', values: '1+0x60' },
  ];
  return [
    ...up,
    ...(['api', 'worker'] as const).flatMap((instance) => {
      const was = new Map(
        samplesOf(before[instance]).map((sample) => [`${sample.name}{${sample.labels}`, sample.value]),
      );
      return samplesOf(after[instance])
        .filter(({ name, value }) => Number.isFinite(value) && !/^(nodejs|process|temporal)_/.test(name))
        .map(({ name, labels, value }) => {
          // What was not there yet was not 0: nobody would have seen that it has grown.
          const before = was.get(`${name}{${labels}`);
          const grown = COUNTED.test(name) ? value + (CROWD - 1) * (value - (before ?? 0)) : value;
          return {
            series: `${name}{${[labels, `job="orders-${instance}"`, `instance="${instance}"`].filter(Boolean).join(',')}}`,
            values: `${before === undefined ? '_x30' : `${written(before)}+0x30`} ${written(grown)}+0x30`,
          };
        });
    }),
  ];
}

/** The tool reads no exponents. */
const written = (value: number): string => (Number.isInteger(value) ? value.toFixed(0) : value.toFixed(6));

// What the processes of a stack show to Prometheus, held against what alerts and dashboards ask, by Prometheus's own tool.
import { expect } from '@jest/globals';
import { ops, readAlerts, readPanels } from './alerts.ts';
import { findPromtool, metricsIn, namesOf, runPromtool, samplesOf, withFile } from './promtool.ts';
import type { Stack } from './stack.ts';

type Scrapes = { api: string; worker: string };

export async function scrape({ api, worker }: Stack): Promise<Scrapes> {
  if (!api || !worker) throw new Error('Expected a stack with an api and a worker');
  const read = async (url: string): Promise<string> => (await fetch(url)).text();
  return { api: await read(api.metricsUrl), worker: await read(`${worker.healthUrl}/metrics`) };
}

const OURS = /^(orders|payments|payment|events?|webhook|reconciliation|stock|task|figures|http|database|api|worker)_/;

/** Every name that is asked for is shown, with the labels by which it is chosen; and all of it is what Prometheus expects. */
export async function checkScrapes(scrapes: Scrapes): Promise<void> {
  const all = `${scrapes.api}\n${scrapes.worker}`;
  const [names, samples] = [namesOf(all), samplesOf(all)];
  const asked = [...(await readAlerts()), ...(await readPanels())].flatMap(({ expr }) => metricsIn(expr));
  const missing = asked.filter(({ name, labels }) => {
    if (name === 'up') return false;
    const found = samples.filter((sample) => sample.name === name);
    // Of some there is nothing just now: then only their name is known.
    return (
      !names.has(name) ||
      (found.length > 0 && labels.some((label) => !found.some((of) => of.labels.includes(`${label}="`))))
    );
  });
  expect(missing.filter(({ name }) => !ofComparisons.includes(name))).toEqual([]);

  const promtool = await findPromtool();
  if (promtool === null) return;
  for (const text of Object.values(scrapes)) {
    const said = await runPromtool(promtool, ['check', 'metrics'], text);
    // It ends with 3 where it would name something otherwise, which Node's and the SDK's own are not asked about.
    expect([0, 3]).toContain(said.code);
    expect(said.text.split('\n').filter((line) => OURS.test(line))).toEqual([]);
  }
}

// Only shown once the books were compared: test/integration/figures.test.ts sees them.
const ofComparisons = [
  'reconciliation_age_seconds',
  'reconciliation_failed',
  'reconciliation_drifts',
  'stock_unsound_products',
];

/** Which of the alerts fire where everything was as in `before` for half an hour, and is as in `after` from then on. */
export async function firing(
  scrapes: { before: Scrapes; after: Scrapes },
  alerts: readonly string[],
): Promise<string[]> {
  const promtool = await findPromtool();
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
          const [first, then] = [was.get(`${name}{${labels}`) ?? 0, value].map(written);
          return {
            series: `${name}{${[labels, `instance="${instance}"`].filter(Boolean).join(',')}}`,
            values: `${first ?? 0}+0x30 ${then ?? 0}+0x30`,
          };
        });
    }),
  ];
}

/** The tool reads no exponents. */
const written = (value: number): string => (Number.isInteger(value) ? value.toFixed(0) : value.toFixed(6));

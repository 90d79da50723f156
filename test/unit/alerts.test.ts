// Alerts and dashboards, by Prometheus's own tool: each is understood, seen firing and seen quiet, and says what to do.
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ops, readAlerts, readPanels } from '../support/alerts.ts';
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
  type Case = { name: string; promql_expr_test: { expr: string; exp_samples: { value: number }[] }[] };
  const { tests } = parse(await readFile(`${ops}prometheus/alerts.test.yml`, 'utf8')) as { tests: Case[] };
  const expected = (await readAlerts()).flatMap(({ alert }) => [`${alert} 1`, `${alert} 0`]);
  const found = tests.flatMap(({ promql_expr_test: asked }) =>
    asked.map(
      ({ expr, exp_samples: [sample] }) => `${/alertname="(\w+)"/.exec(expr)?.[1] ?? ''} ${sample?.value ?? ''}`,
    ),
  );
  expect(found).toEqual(expected);
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

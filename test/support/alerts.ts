// The alerts and dashboards of ops/, as tests read them.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const ops = fileURLToPath(new URL('../../ops/', import.meta.url));

export type Alert = { alert: string; expr: string; annotations: { summary: string; runbook_url: string } };

export async function readAlerts(): Promise<Alert[]> {
  const { groups } = parse(await readFile(`${ops}prometheus/alerts.yml`, 'utf8')) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

type Case = {
  input_series: { series: string }[];
  promql_expr_test: { expr: string; exp_samples: { value: number }[] }[];
};

/** In which each of the alerts is seen. */
export const readCases = async (): Promise<Case[]> =>
  (parse(await readFile(`${ops}prometheus/alerts.test.yml`, 'utf8')) as { tests: Case[] }).tests;

type Panel = { title: string; targets?: { expr: string }[] };

/** What the panels of all dashboards ask. */
export async function readPanels(): Promise<{ title: string; expr: string }[]> {
  const files = (await readdir(`${ops}grafana`)).filter((name) => name.endsWith('.json'));
  const boards = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(`${ops}grafana/${file}`, 'utf8')) as { panels: Panel[] }),
  );
  return boards.flatMap(({ panels }) =>
    panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr }))),
  );
}

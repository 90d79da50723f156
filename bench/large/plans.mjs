// The plans of what the application really asks: PostgreSQL tells each client the plan of every statement that it runs
// (auto_explain, as notices), so nothing has to be copied out of the adapters.
import pg from 'pg';

const PRELOAD = [
  'session_preload_libraries=auto_explain',
  'auto_explain.log_min_duration=0',
  'auto_explain.log_analyze=on',
  'auto_explain.log_buffers=on',
  'auto_explain.log_timing=off',
  'auto_explain.log_format=json',
  'auto_explain.log_level=notice',
];

let heard = [];

/** From now on every connection that this process makes tells its plans. */
export function listenToPlans() {
  const connect = pg.Client.prototype.connect;
  pg.Client.prototype.connect = function connectListening(...given) {
    this.on('notice', ({ message }) => {
      const json = message?.indexOf('{') ?? -1;
      if (message?.startsWith('duration:') && json > 0) heard.push(JSON.parse(message.slice(json)));
    });
    // What takes too long for the program is to be seen, not cut off.
    if (this.connectionParameters.options?.includes('auto_explain'))
      this.connectionParameters.statement_timeout = false;
    return connect.apply(this, given);
  };
}

/** The connection string that has the server tell them. */
export function telling(url) {
  const options = PRELOAD.map((setting) => `-c ${setting}`).join(' ');
  return `${url}?options=${encodeURIComponent(options)}`;
}

/** What `work` asked, and its plans: pages touched, rows scanned in vain, and the tables that were read whole. */
export async function plansOf(work) {
  heard = [];
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  const plans = heard;
  return {
    ms: Math.round(ms * 10) / 10,
    statements: plans.length,
    pages: plans.reduce((sum, { Plan }) => sum + pagesOf(Plan), 0),
    rows: plans.reduce((sum, { Plan }) => sum + Plan['Actual Rows'], 0),
    removed: plans.reduce((sum, { Plan }) => sum + removedBy(Plan), 0),
    whole: [...new Set(plans.flatMap(({ Plan }) => wholeOf(Plan)))].sort(),
    indexes: [...new Set(plans.flatMap(({ Plan }) => indexesOf(Plan)))].sort(),
    nodes: [...new Set(plans.flatMap(({ Plan }) => nodesOf(Plan)))].sort(),
  };
}

const pagesOf = (plan) => plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
const below = (plan, of) => [...of(plan), ...(plan.Plans ?? []).flatMap((child) => below(child, of))];
const removedBy = (plan) =>
  below(plan, (node) => [(node['Rows Removed by Filter'] ?? 0) * (node['Actual Loops'] ?? 1)]).reduce(
    (sum, rows) => sum + rows,
    0,
  );
const wholeOf = (plan) => below(plan, (node) => (node['Node Type'] === 'Seq Scan' ? [node['Relation Name']] : []));
const indexesOf = (plan) => below(plan, (node) => (node['Index Name'] ? [node['Index Name']] : []));
const nodesOf = (plan) => below(plan, (node) => [node['Node Type']]);

// What a process shows to Prometheus. What must stay true: no label carries an id of an order or a customer, and every label has
// few values: a metric that grows with the orders takes the monitoring down with it.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { toText, type Family } from './metric-text.ts';
import type { Page } from './side-server.ts';

/** One value of a gauge, and the labels that it is told apart by. */
export type Reading = { labels?: Readonly<Record<string, string>>; value: number };

type Named = { name: string; help: string; labelNames?: readonly string[] };
type Labels = Readonly<Record<string, string>>;

export type Metrics = {
  /** Adds a gauge that is read at every scrape. `name` ends in its unit where it has one. */
  gauge: (options: Named & { read: () => readonly Reading[] }) => void;
  /**
   * Adds a counter of this process; answers with what counts one more. `name` ends in `_total`. `known`: shown as 0 from the start. What
   * appears with its first time only is not seen to have grown by it.
   */
  counter: (options: Named & { known?: readonly Labels[] }) => (labels: Labels) => void;
  /** Adds a histogram of this process; answers with what takes one more. `name` ends in its unit. */
  histogram: (options: Named & { buckets: readonly number[] }) => (labels: Labels, value: number) => void;
  /** Adds what is read as a whole at every scrape. It must not reject. */
  families: (read: () => Promise<readonly Family[]>) => void;
  /** Adds what is there in the format of Prometheus already; absent where it can not be read. */
  text: (read: () => Promise<string>) => void;
  /** All of them in the format of Prometheus. */
  page: Page;
};

/** The metrics of this process: those of Node.js (memory, CPU, event loop, handles) from the start, and what is added. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const sections: (() => Promise<string>)[] = [() => registry.metrics()];
  const shared = ({ name, help, labelNames = [] }: Named) => ({
    ...{ name, help, labelNames: [...labelNames] },
    registers: [registry],
  });
  return {
    gauge: ({ read, ...named }) => {
      new Gauge({
        ...shared(named),
        collect() {
          // What is not read any more must not stand as it was.
          this.reset();
          for (const { labels = {}, value } of read()) this.set({ ...labels }, value);
        },
      });
    },
    counter: ({ known = [], ...named }) => {
      const counter = new Counter(shared(named));
      for (const labels of known) counter.inc({ ...labels }, 0);
      return (labels) => {
        counter.inc({ ...labels });
      };
    },
    histogram: ({ buckets, ...named }) => {
      const histogram = new Histogram({ ...shared(named), buckets: [...buckets] });
      return (labels, value) => {
        histogram.observe({ ...labels }, value);
      };
    },
    families: (read) => void sections.push(async () => toText(await read())),
    text: (read) => void sections.push(() => read().catch(() => '')),
    page: async () => ({
      status: 200,
      type: registry.contentType,
      body: (await Promise.all(sections.map((read) => read()))).filter((text) => text !== '').join('\n'),
    }),
  };
}

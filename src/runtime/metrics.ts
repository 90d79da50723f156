// What a process shows to Prometheus. What must stay true: no label carries an id of an order or a customer, and every label has
// few values: a metric that grows with the orders takes the monitoring down with it.
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Page } from './side-server.ts';

/** One value of a gauge, and the labels that it is told apart by. */
export type Reading = { labels?: Readonly<Record<string, string>>; value: number };

export type Metrics = {
  /** Adds a gauge that is read at every scrape. `name` ends in its unit where it has one. */
  gauge: (options: {
    name: string;
    help: string;
    labelNames?: readonly string[];
    read: () => readonly Reading[];
  }) => void;
  /** All of them in the format of Prometheus. */
  page: Page;
};

/** The metrics of this process: those of Node.js (memory, CPU, event loop, handles) from the start, and what is added. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    gauge: ({ name, help, labelNames = [], read }) => {
      new Gauge({
        name,
        help,
        labelNames: [...labelNames],
        registers: [registry],
        collect() {
          // What is not read any more must not stand as it was.
          this.reset();
          for (const { labels = {}, value } of read()) this.set({ ...labels }, value);
        },
      });
    },
    page: async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }),
  };
}

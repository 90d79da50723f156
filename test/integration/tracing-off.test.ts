import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** The packages of OpenTelemetry that are loaded once a process has imported all it runs, and before it does anything. */
async function loadedBy(main: string, env: Record<string, string> = {}): Promise<string[]> {
  // Without settings it ends with the list of what is missing, which it asks for after its imports.
  const script = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(`${dist}${main}`)}).catch((error) => { if (error.name !== 'ConfigurationError') throw error; });
    const loaded = Object.keys(createRequire(import.meta.url).cache).map((file) => /(@opentelemetry|@temporalio)\\/[^/]*/.exec(file)?.[0]);
    process.stdout.write(JSON.stringify([...new Set(loaded)].filter((name) => /opentelemetry/.test(name ?? ''))));
    process.exit(0);`;
  const { PATH = '' } = process.env;
  const args = ['--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH, ...env } });
  return (JSON.parse(stdout) as string[]).sort();
}

test.each(['api/main.js', 'workers/main.js'])(
  'without traces %s loads nothing of OpenTelemetry but its API',
  async (main) => {
    expect(await loadedBy(main)).toEqual(['@opentelemetry/api']);
  },
);

test('with traces it loads what makes them', async () => {
  const loaded = await loadedBy('api/main.js', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
  expect(loaded).toEqual(
    expect.arrayContaining(['@opentelemetry/sdk-trace-node', '@opentelemetry/instrumentation-pg']),
  );
});

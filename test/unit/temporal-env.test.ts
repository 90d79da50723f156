import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { withoutTemporal } from '../../src/local/temporal-env.ts';

test('nothing that a user has for Temporal Cloud reaches the server of the stack', async () => {
  const home = await mkdtemp(join(tmpdir(), 'durable-orders-home-'));
  // Where profiles are looked for on Linux, macOS and Windows.
  const folders = [['.config'], ['Library', 'Application Support']].map((path) => join(home, ...path, 'temporalio'));
  for (const folder of folders) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'temporal.toml'), '[profile.default]\naddress = "cloud:7233"\napi_key = "secret"\n');
  }
  const env = {
    PATH: '/bin',
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    APPDATA: join(home, '.config'),
    TEMPORAL_API_KEY: 'secret',
    TEMPORAL_PROFILE: 'cloud',
    TEMPORAL_TLS: 'true',
    TEMPORAL_GRPC_META_AUTHORIZATION: 'secret',
  };
  const own = { ...withoutTemporal(env), TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_NAMESPACE: 'default' };
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: own });
  expect(JSON.parse(JSON.stringify({ connectionOptions, namespace }))).toEqual({
    connectionOptions: { address: '127.0.0.1:7233' },
    namespace: 'default',
  });
  expect(own).toMatchObject({ PATH: '/bin', HOME: home });
  await rm(home, { recursive: true });
});

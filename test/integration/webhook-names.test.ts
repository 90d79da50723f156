// Where a subscriber's name leads is asked of name servers, once for each connection, and checked before anything is sent.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { decode, encode } from 'dns-packet';
import { createWebhookSender } from '../../src/adapters/webhook/http.ts';

// By name; one without an entry is never answered.
const addresses: Record<string, string[]> = {
  'hooks.example': ['127.0.0.1'],
  'inside.example': ['10.0.0.1'],
  'half-inside.example': ['93.184.215.14', '169.254.169.254'],
  'gone.example': [],
};
const asked: string[] = [];
const names = createSocket('udp4', (query, { port, address }) => {
  const { id, questions } = decode(query);
  const [question] = questions ?? [];
  asked.push(`${question?.type} ${question?.name}`);
  const found = addresses[question?.name ?? ''];
  if (!question || !found) return;
  const answers = question.type === 'A' ? found.map((data) => ({ type: 'A' as const, name: question.name, data })) : [];
  names.send(
    encode({ type: 'response', ...(id === undefined ? {} : { id }), questions: [question], answers }),
    port,
    address,
  );
});
const received: string[] = [];
const server = createServer((req, res) => {
  received.push(`${req.headers.host}`);
  res.writeHead(204).end();
});
await new Promise<void>((resolve) => names.bind(0, '127.0.0.1', resolve));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const nameServers = [`127.0.0.1:${names.address().port}`];
const senders = {
  open: createWebhookSender({ timeoutMs: 700, loopback: false, nameServers }),
  local: createWebhookSender({ timeoutMs: 700, loopback: true, nameServers }),
};

beforeEach(() => {
  asked.splice(0);
  received.splice(0);
});
afterAll(async () => {
  senders.open.close();
  senders.local.close();
  names.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const send = (name: string, sender: keyof typeof senders) =>
  senders[sender].send({
    target: { url: `http://${name}:${port}/`, secrets: ['whsec_c2VjcmV0LW9mLWEtc3Vic2NyaXB0aW9u'] },
    ...{ messageId: 'evt_1', at: new Date(), contentType: 'application/json', body: '{}' },
  });

test('a name is asked for once, and the connection goes where the answer says', async () => {
  expect(await send('hooks.example', 'local')).toEqual({ isDelivered: true, status: 204 });
  expect(received).toEqual([`hooks.example:${port}`]);
  expect(asked.sort()).toEqual(['A hooks.example', 'AAAA hooks.example']);
});

test.each(['hooks.example', 'inside.example', 'half-inside.example', 'gone.example'])(
  'nothing goes to %s, which does not lead to the open internet alone',
  async (name) => {
    expect(await send(name, 'open')).toMatchObject({ failure: expect.stringContaining('open internet') });
    expect(asked.length).toBeGreaterThan(0);
    expect(received).toEqual([]);
  },
);

test('a name whose servers are silent is given up in the time of a message, and others are told meanwhile', async () => {
  const silent = Array.from({ length: 8 }, (_, n) => send(`silent-${n}.example`, 'local'));
  expect(await send('hooks.example', 'local')).toMatchObject({ isDelivered: true });
  for (const sent of await Promise.all(silent)) expect(sent).toMatchObject({ isDelivered: false, status: null });
});

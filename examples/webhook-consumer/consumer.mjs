// A consumer of webhooks: it checks the signature, removes duplicates, and keeps its place in a file, so that it may die at any moment.
//
//   WEBHOOK_SECRET=whsec_… node examples/webhook-consumer/consumer.mjs
//
// Settings: WEBHOOK_SECRET (several, separated by commas, while a secret is rotated), PORT (4000; 0 for any), STATE_FILE, and for trying what
// happens when it goes wrong FAIL_SHARE (0 to 1: so often it fails, half of the time only after it has done its work).
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const MAX_BODY_BYTES = 1_000_000;
const secrets = (process.env.WEBHOOK_SECRET ?? '').split(',').filter(Boolean);
const failShare = Number(process.env.FAIL_SHARE ?? 0);
if (secrets.length === 0) {
  console.error('Set WEBHOOK_SECRET to what POST /webhook-subscriptions has shown');
  process.exit(1);
}
const place = openPlace(process.env.STATE_FILE ?? 'webhook-consumer.jsonl');

const server = createServer((req, res) => {
  receive(req, res).catch((error) => {
    console.error(error);
    if (!res.headersSent) res.writeHead(500).end();
  });
});
server.listen(Number(process.env.PORT ?? 4000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

async function receive(req, res) {
  const body = await readBody(req);
  if (body === null) return void res.writeHead(413).end();
  // The bytes as they came: parsed and written again they might not be the same.
  if (!isSigned(body, req.headers)) return void res.writeHead(400).end('the signature is not right');
  const event = JSON.parse(body);
  const fails = Math.random() < failShare;
  if (fails && Math.random() < 0.5) return void res.writeHead(503).end('failed before anything was done');
  if (event.eventType !== 'webhook.ping') handle(event);
  // Done, and its answer gets lost: the same comes again, and is known by then.
  if (fails) return void req.socket.destroy();
  res.writeHead(204).end();
}

/**
 * An order's events come one after the other, each at least once: whatever is not beyond the last that was handled came before. What you do
 * here should be in one transaction with keeping the place; in this example both are the same line of a file.
 */
function handle({ orderId, sequence, eventId, eventType }) {
  // After a restored backup an order tells again what came since, with new ids: it begins anew behind its `order.recovered`.
  const begins = eventType === 'order.recovered' && !place.knows(eventId);
  if (!begins && sequence <= place.last(orderId)) return;
  place.keep({ orderId, sequence, eventId, eventType });
  console.log(`${orderId} ${sequence} ${eventType}`);
}

function isSigned(body, headers) {
  return secrets.some((secret) => {
    try {
      new Webhook(secret).verify(body, headers);
      return true;
    } catch {
      return false;
    }
  });
}

async function readBody(req) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of req) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** One line for each event that was handled. A line that a kill has cut off was not handled. */
function openPlace(path) {
  const last = new Map();
  const recoveries = new Set();
  const note = ({ orderId, sequence, eventId, eventType }) => {
    last.set(orderId, sequence);
    if (eventType === 'order.recovered') recoveries.add(eventId);
  };
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const line of whole.split('\n').filter(Boolean)) {
    note(JSON.parse(line));
  }
  const file = openSync(path, 'a');
  if (whole.length < text.length) ftruncateSync(file, Buffer.byteLength(whole));
  return {
    last: (orderId) => last.get(orderId) ?? 0,
    knows: (eventId) => recoveries.has(eventId),
    keep: (handled) => {
      writeSync(file, `${JSON.stringify(handled)}\n`);
      fsyncSync(file);
      note(handled);
    },
    close: () => closeSync(file),
  };
}

// One line of damage each (some need a second edit to be believable), and what must turn red by its outcome. `test` is a
// test file and the name of a test in it; `verify` is a run's arguments and the rule that must be violated.

const provider = ['provider-500', 'provider-stored-500', 'provider-500-after-effect', 'provider-drop-after-effect'];
const short = (only, more = []) => [
  '--orders',
  '120',
  '--minutes',
  '0.7',
  '--seed',
  '4',
  '--only',
  only.join(','),
  ...more,
];

export const mutants = [
  {
    name: 'stock is freed only by an undo that is armed after its step',
    edits: [
      {
        file: 'src/workflows/process-order.ts',
        from: /( {4}undo\.arm\(\{ step: 'release-inventory'.*\n)((?:.*\n)*?)( {4}const held = await parking\.runStep\('reserve-inventory'.*\n)/,
        to: '$2$3$1',
      },
    ],
    test: ['test/workflow/process-order', 'releases also after a reservation that said no'],
  },
  {
    name: 'the key carries the attempt',
    edits: [
      {
        file: 'src/activities/payment.ts',
        from: "const key = idempotencyKey({ orderId, operation: 'confirm', ordinal, revision: confirmRevision });",
        to: "const key = `${idempotencyKey({ orderId, operation: 'confirm', ordinal, revision: confirmRevision })}:a${Context.current().info.attempt}`;",
      },
    ],
    verify: [short(provider), 'one effect per idempotency key'],
  },
  {
    name: 'a new key per retry: the revision rises by itself',
    edits: [
      {
        file: 'src/activities/payment.ts',
        from: "const key = idempotencyKey({ orderId, operation: 'create', ordinal, revision: createRevision });",
        to: "const key = idempotencyKey({ orderId, operation: 'create', ordinal, revision: createRevision + 1 + (Date.now() % 7) });",
      },
    ],
    verify: [short(provider), 'a key is replaced only after a stored failure'],
  },
  {
    name: 'no fence: an undone charge keeps a new provider id',
    edits: [
      {
        file: 'src/adapters/postgres/payment.ts',
        from: /  if \(payment\.ending\)(.*\n.*\n)  if \(payment\.fenced\)/,
        to: '  if (payment.ending && payment.amountMinor < 0)$1  if (payment.fenced && payment.amountMinor < 0)',
      },
    ],
    test: ['test/integration/steps', 'refuses a new provider id'],
  },
  {
    name: 'stock rows are locked in any order',
    edits: [
      {
        file: 'src/adapters/postgres/stock.ts',
        from: 'and w.ships\n    order by s.sku collate "C", s.warehouse collate "C" for update of s`',
        to: 'and w.ships\n    order by random() for update of s`',
      },
    ],
    test: ['test/chaos/contention', '300 buyers'],
  },
  {
    name: 'stock is read, then written',
    edits: [
      {
        file: 'src/adapters/postgres/stock.ts',
        from: 'and w.ships\n    order by s.sku collate "C", s.warehouse collate "C" for update of s`',
        to: 'and w.ships\n    order by s.sku collate "C", s.warehouse collate "C"`',
      },
      {
        file: 'src/adapters/postgres/inventory.ts',
        from: /update stock s set reserved = s\.reserved \+ l\.quantity\n(.* as l .*)\n( *where s\.tenant = \$\{order\.tenant\})/,
        to: 'update stock s set reserved = seen.reserved + l.quantity\n$1 join stock seen using (warehouse, sku)\n$2 and seen.tenant = s.tenant',
      },
    ],
    test: ['test/chaos/contention', '300 buyers'],
  },
  {
    name: 'the failure of an undo is swallowed',
    edits: [
      {
        file: 'src/workflows/parking.ts',
        from: 'CancellationScope.nonCancellable(() => runOrPark({ step, order, place }, work, skip)),',
        to: 'CancellationScope.nonCancellable(() => runOrPark({ step, order, place }, () => work().catch(() => undefined as T), skip)),',
      },
    ],
    test: ['test/workflow/process-order', 'an undo is never swallowed'],
  },
  {
    name: 'a 500 is taken for a decline',
    edits: [
      {
        file: 'src/adapters/payment/stripe-errors.ts',
        from: 'if (status === 402) return',
        to: 'if (status === 402 || status >= 500) return',
      },
    ],
    verify: [short(provider), 'only what deserves it is rejected'],
  },
  {
    name: "the client's key is not unique",
    edits: [
      { file: 'migrations/0002_orders.sql', from: '  primary key (tenant, key),\n', to: '' },
      {
        file: 'src/adapters/postgres/idempotency.ts',
        from: 'on conflict (tenant, key) do nothing',
        to: 'on conflict do nothing',
      },
    ],
    verify: [short(['kill-api', 'freeze-api']), 'every key has one order, and every order a key of the client'],
  },
  {
    name: "deadlines by the host's clock",
    edits: [
      {
        file: 'src/adapters/postgres/inventory.ts',
        from: "'held', clock_timestamp() + ${HOLD_MS}",
        to: "'held', ${new Date().toISOString()}::timestamptz + ${HOLD_MS}",
      },
    ],
    verify: [short(['kill-worker'], ['--clock', '-30']), 'instants and deadlines are those of the database'],
  },
  {
    name: 'no launcher',
    edits: [{ file: 'src/api/main.ts', from: 'launcher.start();\n', to: '' }],
    test: ['test/chaos/outages', 'orders are accepted and answered at once'],
  },
  {
    name: 'an order is closed without a look at its balance',
    edits: [
      {
        file: 'src/adapters/postgres/order.ts',
        from: 'if (balance > 0 || balance + disputed < 0)',
        to: 'if (balance + disputed < 0)',
      },
    ],
    test: ['test/integration/steps', 'is refused while money or stock is still taken'],
  },
  {
    name: 'a refund is sent without asking whether there is one',
    edits: [
      {
        file: 'src/activities/refund.ts',
        from: '  const { refunds, leftMinor } = facts;\n  if (leftMinor <= 0) return { ...facts, failed: null };\n',
        to: '  const refunds: readonly ProviderRefund[] = [];\n  const leftMinor = captured.capturedMinor;\n',
      },
    ],
    test: ['test/e2e/paths', 'refund-answer-lost-for-good'],
  },
  {
    name: 'a confirm is repeated without asking first',
    edits: [
      {
        file: 'src/activities/payment.ts',
        from: "  const found = expectDone(await dependencies.provider.find({ providerId }), 'ask for the payment');\n  if (found.state.kind === 'unconfirmed') return confirmPayment(dependencies, payment, providerId);\n  return adopt(dependencies, payment, found);",
        to: '  return confirmPayment(dependencies, payment, providerId);',
      },
    ],
    test: ['test/chaos/outages', 'is asked for again, and the order is charged once'],
  },
  {
    name: 'a capture may enter the ledger twice',
    edits: [
      { file: 'migrations/0003_payments.sql', from: '  unique (provider_object, kind),\n', to: '' },
      {
        file: 'src/adapters/postgres/ledger.ts',
        from: 'on conflict (provider_object, kind) do nothing returning id',
        to: 'on conflict do nothing returning id',
      },
    ],
    test: ['test/integration/steps', 'refuses a new provider id'],
  },
  {
    name: "the operator's word is followed before it is recorded",
    edits: [
      {
        file: 'src/workflows/parking-place.ts',
        from: '? activities.resumeOrder : activities.resumeOrderInTask',
        to: '? activities.resumeOrderInTask : activities.resumeOrder',
      },
    ],
    test: ['test/workflow/process-order', 'stands in the history'],
  },
  {
    name: 'the inbox is off: notices of the provider are thanked for and forgotten',
    edits: [
      {
        file: 'src/api/routes/payments.ts',
        from: 'if (notice) await notices.keep(notice);',
        to: 'if (notice) void notices.keep;',
      },
    ],
    verify: [short(['webhook-late']), 'everything the provider told is in the inbox, once, and dealt with'],
  },
  {
    name: 'money for an order that has ended is kept',
    edits: [
      {
        file: 'src/activities/follow-payment.ts',
        from: '  if (!captured) return;',
        to: '  if (!captured || payment.amountMinor > 0) return;',
      },
    ],
    verify: [short(['kill-api']), 'a closed order is worth exactly what was taken'],
  },
  {
    name: 'what a dispute has moved does not enter the ledger',
    edits: [
      {
        file: 'src/adapters/postgres/dispute.ts',
        from: 'for (const { movementId, amountMinor } of dispute.movements) {',
        to: 'for (const { movementId, amountMinor } of dispute.movements.slice(1)) {',
      },
    ],
    verify: [
      short(['dispute-won', 'dispute-lost']),
      'every movement of a dispute is in the ledger once, as the provider made it, and no other',
    ],
  },
  {
    name: 'the reconciliation repairs nothing, and says that it has',
    edits: [
      {
        file: 'src/adapters/postgres/reconciliation.ts',
        from: '  if (!(await repair(tx, row, finding))) return',
        to: '  if (row.id < 0 && !(await repair(tx, row, finding))) return',
      },
    ],
    test: ['test/integration/reconciliation', 'a drift that stands at the second look is repaired'],
  },
  {
    name: 'a refund that was asked for is sent without asking the provider what was made',
    edits: [
      {
        file: 'src/activities/pay-refund.ts',
        from: 'if (await settleMade(dependencies, request, part, own)) return;',
        to: 'if (part.amountMinor < 0 && (await settleMade(dependencies, request, part, own))) return;',
      },
    ],
    test: ['test/integration/pay-refund', 'goes back once in spite of a failure that hid the effect, for ever'],
  },
  {
    name: 'refunds are accepted by what is left of the ledger alone',
    edits: [
      {
        file: 'src/adapters/postgres/refund.ts',
        from: 'm.balance - w.waiting',
        to: 'm.balance - 0 * w.waiting',
      },
    ],
    test: ['test/integration/refund-acceptance', 'many at once ask for no more than was taken'],
  },
  {
    name: 'a refund that was given up is sent all the same by whoever had begun',
    edits: [
      {
        file: 'src/adapters/postgres/refund-work.ts',
        from: "if (state !== 'requested' || isFenced || isMoot) return false;",
        to: "if (state === 'completed' || (isFenced && isMoot)) return false;",
      },
    ],
    test: ['test/integration/pay-refund', 'makes an attempt lose that had read all and not sent yet'],
  },
];

/** What to try first: every command works when pasted. */
export function greeting({
  apiUrl,
  uiUrl,
  simulatorUrl,
  logs,
}: {
  apiUrl: string;
  uiUrl: string;
  simulatorUrl: string;
  logs: string;
}): string {
  const order = (key: string, method: string): string =>
    `curl -sS ${apiUrl}/orders -H 'Content-Type: application/json' -H 'Idempotency-Key: ${key}' -H 'Prefer: wait=10' \\\n` +
    `      -d '{"customerId":"customer-1","items":[{"sku":"espresso-beans","quantity":2}],"paymentMethod":"${method}"}'`;
  const run = Date.now().toString(36);
  return `
  API          ${apiUrl}        documentation: ${apiUrl}/docs
  Web UI       ${uiUrl}        every order is a workflow there
  simulator    ${simulatorUrl}       stands for the payment provider
  logs         ${logs}

  Place an order (paste it twice: the second answer is the first one again):
    ${order(`first-${run}`, 'pm_card_visa')}

  A card that is declined:
    ${order(`declined-${run}`, 'pm_card_chargeDeclined')}

  The provider's answer gets lost after the money has moved; the order is confirmed all the same, charged once:
    curl -sS ${simulatorUrl}/_simulator/faults -H 'Content-Type: application/json' \\
      -d '{"operation":"confirm","mode":"drop_after_effect","times":1}'
    ${order(`lost-${run}`, 'pm_card_visa')}

  What happened, as events:  curl -sS '${apiUrl}/events?limit=20'
  Stop with Ctrl-C; everything is kept for the next start.
`;
}

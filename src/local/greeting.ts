/** What to try first: every command works when pasted. */
export function greeting({
  apiUrl,
  uiUrl,
  simulatorUrl,
  carrierUrl,
  chaos,
  logs,
}: {
  apiUrl: string;
  uiUrl: string;
  simulatorUrl: string;
  carrierUrl: string;
  chaos: boolean;
  logs: string;
}): string {
  const shipping =
    ',"shipping":{"name":"Ada","line1":"Main Street 1","city":"Bremen","postalCode":"28195","country":"DE"}';
  const order = (key: string, method: string, more = ''): string =>
    `curl -sS ${apiUrl}/orders -H 'Content-Type: application/json' -H 'Idempotency-Key: ${key}' -H 'Prefer: wait=10' \\\n` +
    `      -d '{"customerId":"customer-1","items":[{"sku":"espresso-beans","quantity":2}],"paymentMethod":"${method}"${more}}'`;
  const run = Date.now().toString(36);
  return `
  console      ${apiUrl}/console/shop        place orders, and watch them
               ${apiUrl}/console/orders      all orders, and what can be done about each
               ${apiUrl}/console/operations  what needs somebody, and how the service is
               ${apiUrl}/console/stock       what there is, and who holds it
${chaos ? `               ${apiUrl}/console/chaos       break it, and watch\n` : ''}  API          ${apiUrl}        documentation: ${apiUrl}/docs
  Web UI       ${uiUrl}        every order is a workflow there
  simulator    ${simulatorUrl}       stands for the payment provider
  carrier      ${carrierUrl}       brings parcels, a step every 20 s
  logs         ${logs}

  Place an order (paste it twice: the second answer is the first one again):
    ${order(`first-${run}`, 'pm_card_visa')}

  A card that is declined:
    ${order(`declined-${run}`, 'pm_card_chargeDeclined')}

  The provider's answer gets lost after the money has moved; the order is confirmed all the same, charged once:
    curl -sS ${simulatorUrl}/_simulator/faults -H 'Content-Type: application/json' \\
      -d '{"operation":"confirm","mode":"drop_after_effect","times":1}'
    ${order(`lost-${run}`, 'pm_card_visa')}

  An order that is shipped: place it, pack it (with its id), and look at it again: confirmed → shipped → delivered
    ${order(`ship-${run}`, 'pm_card_visa', shipping)}
    curl -sS -X POST ${apiUrl}/orders/ORDER_ID/shipments/1/packed

  What happened, as events:  curl -sS '${apiUrl}/events?limit=20'
  Stop with Ctrl-C; everything is kept for the next start.
`;
}

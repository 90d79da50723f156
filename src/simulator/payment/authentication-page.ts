import type { Intent } from './state.ts';

/** The page on which a person plays the customer of a payment that wants to be authenticated. */
export function authenticationPage({ id, amount, currency, status }: Intent): string {
  const waits = status === 'requires_action';
  const button = (outcome: 'succeed' | 'fail', label: string): string =>
    `<button data-outcome="${outcome}"${waits ? '' : ' disabled'}>${label}</button>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Authenticate the payment</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:1rem system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem;margin-right:.5rem}</style>
</head><body>
<h1>Your bank would ask you now</h1>
<p>Payment <code>${id}</code> of ${amount} ${currency.toUpperCase()} (minor units) is <strong id="status">${status}</strong>.</p>
<p>${button('succeed', 'Authenticate')}${button('fail', 'Refuse')}</p>
<script>
for (const button of document.querySelectorAll('button')) button.addEventListener('click', async () => {
  const answer = await fetch(location.pathname, { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ outcome: button.dataset.outcome }) });
  document.getElementById('status').textContent = (await answer.json()).status ?? 'not possible any more';
  for (const other of document.querySelectorAll('button')) other.disabled = true;
});
</script></body></html>`;
}

import type { Product } from '#client';
import { ask, withKey, type KeyOptions } from '../ask.ts';
import { UsageError } from '../io.ts';
import { keyed, present, readCount, readInteger, reasoned } from '../options.ts';
import { facts, money, show, showList, type Columns } from '../output.ts';
import { showPages, type PageOptions } from '../pages.ts';
import type { Session } from '../session.ts';
import type { Register } from './command.ts';

type SetOptions = { name: string; price: number; currency: string; onHand: number };
type AdjustOptions = KeyOptions & { by: number; reason: string; warehouse?: string };

const catalogueCommand: Register = (program, act) => {
  const products = program
    .command('products')
    .summary('the catalogue')
    .description('Lists, shows and sets products.')
    .addHelpText(
      'after',
      `\nExamples:\n  $ orders products list\n  $ orders products set espresso-beans --name "Espresso beans, 1 kg" --price 1890 --currency EUR --on-hand 100`,
    );
  products
    .command('list')
    .description('Lists products.')
    .option('--limit <count>', 'so many at most (20)', readCount)
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .option('--all', 'all of them, page after page')
    .action(
      act((session, options: PageOptions) =>
        showPages<Product>(session, options, productColumns, (query) =>
          session.client.GET('/products', { params: { query }, parseAs: 'text', signal: session.io.signal }),
        ),
      ),
    );
  products.command('get').description('Shows a product.').argument('<sku>', 'its SKU').action(act(getProduct));
  products
    .command('set')
    .description(
      'Makes a product, or replaces it. What is on hand becomes what you say: to add to it, orders stock adjust.',
    )
    .argument('<sku>', 'its SKU')
    .requiredOption('--name <name>', 'its name')
    .requiredOption('--price <minor>', 'in minor units: 1890 for 18.90 EUR', readCount)
    .requiredOption('--currency <code>', 'ISO 4217, for example EUR')
    .requiredOption('--on-hand <units>', 'units on the shelf', readCount)
    .action(
      act(async (session, { name, price, currency, onHand }: SetOptions, sku: string) => {
        const body = { name, priceMinor: price, currency, onHand };
        const setting = session.client.PUT('/products/{sku}', {
          params: { path: { sku } },
          body,
          parseAs: 'text',
          signal: session.io.signal,
        });
        show(session, await ask<Product>(setting), productLines);
      }),
    );
};

const stockCommand: Register = (program, act) => {
  const stock = program
    .command('stock')
    .summary('what is on the shelf')
    .description('Shows and adjusts what is on the shelf.')
    .addHelpText(
      'after',
      `\nExamples:\n  $ orders stock get espresso-beans\n  $ orders stock adjust espresso-beans --by -3 --reason "dropped"`,
    );
  stock
    .command('get')
    .description('Shows what of a product is where.')
    .argument('<sku>', 'its SKU')
    .action(act(getStock));
  reasoned(
    keyed(
      stock.command('adjust').description('Puts units on the shelf, or takes them away.').argument('<sku>', 'its SKU'),
    ),
    'delivery 4711',
  )
    .requiredOption('--by <units>', 'so many more, or fewer', readInteger)
    .option('--warehouse <id>', 'where; main when left out')
    .action(act(adjustStock));
};

export const productCommands: readonly Register[] = [catalogueCommand, stockCommand];

const productColumns: Columns<Product> = [
  ['SKU', ({ sku }) => sku],
  ['NAME', ({ name }) => name],
  ['PRICE', ({ priceMinor, currency }) => money(priceMinor, currency)],
  ['ON HAND', ({ onHand }) => onHand],
  ['RESERVED', ({ reserved }) => reserved],
];

const productLines = ({ sku, name, priceMinor, currency, onHand, reserved }: Product): string[] =>
  facts([
    ['sku', sku],
    ['name', name],
    ['price', money(priceMinor, currency)],
    ['on hand', onHand],
    ['reserved', reserved],
  ]);

const readProduct = ({ client, io }: Session, sku: string) =>
  ask<Product>(client.GET('/products/{sku}', { params: { path: { sku } }, parseAs: 'text', signal: io.signal }));

const getProduct = async (session: Session, _options: object, sku: string): Promise<void> =>
  show(session, await readProduct(session, sku), productLines);

async function getStock(session: Session, _options: object, sku: string): Promise<void> {
  const product = await readProduct(session, sku);
  if (session.form !== 'table') return show(session, product, productLines);
  showList(session, { text: '', body: { items: product.body.warehouses } }, [
    ['WAREHOUSE', ({ warehouse }) => warehouse],
    ['ON HAND', ({ onHand }) => onHand],
    ['RESERVED', ({ reserved }) => reserved],
  ]);
}

async function adjustStock(session: Session, options: AdjustOptions, sku: string): Promise<void> {
  const { by, reason, warehouse } = options;
  if (by === 0) throw new UsageError('--by: not zero');
  const { client, io } = session;
  const body = { delta: by, reason, ...present({ warehouse }) };
  const adjusted = await withKey(session, options, (header) => {
    const params = { path: { sku }, header };
    return ask<Product>(
      client.POST('/products/{sku}/stock-adjustments', { params, body, parseAs: 'text', signal: io.signal }),
    );
  });
  show(session, adjusted, productLines);
}

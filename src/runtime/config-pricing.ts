// The settings that are lists: `EUR:DE=490,EUR:*=990` and `DE=19,AT=20,*=0`. A country is two letters, or `*` for every other one.
import { z } from 'zod';

const COUNTRY = '[A-Z]{2}|\\*';
const fee = new RegExp(`^([A-Z]{3}):(${COUNTRY})=(\\d{1,8})$`);
const rate = new RegExp(`^(${COUNTRY})=(\\d{1,2})(?:\\.(\\d{1,2}))?$`);

type Entry<T> = { name: string; value: T };

/** A list with commas, each entry once. What is wrong is said with the entry's place: values may be anything. */
const listOf = <T>(parse: (entry: string) => Entry<T> | null, expected: string) =>
  z.string().transform((text, context): T[] => {
    const entries = text.split(',').map((entry) => parse(entry.trim()));
    const wrong = entries.indexOf(null);
    if (wrong >= 0) context.addIssue(`entry ${wrong + 1}: expected ${expected}`);
    const known = entries.flatMap((entry) => entry ?? []);
    const twice = known.find(({ name }, index) => known.findIndex((other) => other.name === name) < index);
    if (twice) context.addIssue(`${twice.name} is there twice`);
    return known.map(({ value }) => value);
  });

/** Flat fees in minor units. */
export const shippingFees = listOf((entry) => {
  const [, currency, country, amount] = fee.exec(entry) ?? [];
  if (currency === undefined || country === undefined) return null;
  return { name: `${currency}:${country}`, value: { currency, country, amountMinor: Number(amount) } };
}, 'a currency, a country (or *) and minor units, as in EUR:DE=490');

/** Percentages with up to two decimals, as hundredths of a percent. */
export const taxRates = listOf((entry) => {
  const [, country, percent, decimals = ''] = rate.exec(entry) ?? [];
  if (country === undefined) return null;
  return { name: country, value: { country, hundredths: Number(percent) * 100 + Number(decimals.padEnd(2, '0')) } };
}, 'a country (or *) and a percentage, as in DE=19 or CH=8.1');

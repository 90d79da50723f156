import { describe, expect, test } from '@jest/globals';
import { holdsCardNumber } from '../../src/domain/card-number.ts';

describe('what looks like a card number', () => {
  test.each([
    ['4242424242424242', 'plain'],
    ['4242 4242 4242 4242', 'with spaces'],
    ['4242-4242-4242-4242', 'with dashes'],
    ['card: 4242424242424242.', 'inside a sentence'],
    ['5 4242424242424242', 'behind another number'],
    ['378282246310005', 'with 15 digits'],
    ['4222222222222', 'with 13 digits'],
  ])('%s (%s) is seen', (text) => expect(holdsCardNumber(text)).toBe(true));

  test.each([
    ['4242424242424241', 'fails Luhn'],
    ['A4242424242424242', 'part of a longer word'],
    ['4242424242424242x', 'part of a longer word'],
    ['4242  4242  4242  4242', 'two spaces between'],
    ['424242424242', 'too short'],
    ['42424242424242424242', 'too long'],
    ['order_01kax3v7ehe4sbg0krv6m4fxxv', 'an order id'],
    ['5aaf6e48-3d01-4337-9051-726230862731', 'a UUID whose tail passes Luhn'],
    ['', 'empty'],
  ])('%s (%s) passes', (text) => expect(holdsCardNumber(text)).toBe(false));
});

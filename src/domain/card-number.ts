const MIN_DIGITS = 13;
const MAX_DIGITS = 19;

// A UUID is one word, though about one in 7,000 has a tail of digits that passes Luhn across a dash: keys would be refused.
const uuids = /(?<![\p{L}\p{N}_-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\p{L}\p{N}_-])/giu;

/**
 * Whether the text holds something like a payment card number: 13 to 19 digits, single spaces or dashes between, that
 * pass Luhn and are not part of a longer word ("A4242424242424242" is an identifier, not a card somebody typed).
 */
export function holdsCardNumber(written: string): boolean {
  const text = written.replace(uuids, 'uuid');
  for (let start = 0; start < text.length; start += 1) {
    if (isDigit(text[start]) && !isWordCharacter(text[start - 1]) && cardBeginsAt(text, start)) return true;
  }
  return false;
}

// Every length is tried from every start, so a card behind a house number ("5 4242 4242 …") is seen too.
function cardBeginsAt(text: string, start: number): boolean {
  let digits = '';
  for (let index = start; digits.length < MAX_DIGITS; index += 1) {
    const character = text.charAt(index);
    if (isDigit(character)) {
      digits += character;
      if (digits.length >= MIN_DIGITS && !isWordCharacter(text[index + 1]) && passesLuhn(digits)) return true;
    } else if (!((character === ' ' || character === '-') && isDigit(text[index + 1]))) {
      return false;
    }
  }
  return false;
}

const isDigit = (character: string | undefined): character is string =>
  character !== undefined && character >= '0' && character <= '9';

const isWordCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character);

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

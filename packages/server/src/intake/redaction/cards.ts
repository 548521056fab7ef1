/** A run of 13 to 16 digits, single spaces or hyphens between them, that is no part of an id. */
export const cardCandidate =
  /(?<![\p{L}\p{N}_+.\-/#])\d(?:[ -]?\d){12,15}(?![\p{L}\p{N}_])(?![-/.:][\p{L}\p{N}])/gu

/** Issuers' prefixes and lengths: Visa, Mastercard, American Express, Diners, Discover, JCB, … */
const issuer =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d|2\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|(?:5[06789]|6\d)\d{11,14})$/

/** True if the digits, separators aside, are a payment card's (ISO/IEC 7812, Luhn's check digit). */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/[ -]/g, '')
  return issuer.test(digits) && hasLuhnCheckDigit(digits)
}

function hasLuhnCheckDigit(digits: string): boolean {
  let sum = 0
  for (let position = 0; position < digits.length; position++) {
    const digit = digits.charCodeAt(digits.length - 1 - position) - 48
    const weighted = position % 2 === 0 ? digit : digit * 2
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}

// Test cards, by what they do. Their names are the simulator's (docs/simulator.md).

export type TestCard = {
  name: string;
  does: string;
  then: string;
  method: string;
  /** The provider's answer to the next charge is lost beforehand. */
  losesAnswer?: boolean;
  retryMinutes?: number;
};

export const testCards: TestCard[] = [
  { name: 'pays', does: 'pays', then: 'The order is confirmed.', method: 'pm_card_visa' },
  {
    ...{ name: 'declined', does: 'is declined', method: 'pm_card_chargeDeclined' },
    then: 'The order ends rejected, and its stock is free again.',
  },
  {
    ...{
      name: 'another',
      does: 'is declined, and another may be given',
      method: 'pm_card_chargeDeclinedInsufficientFunds',
    },
    then: 'The order waits half an hour for another card: give one on the order’s page.',
    retryMinutes: 30,
  },
  {
    ...{ name: 'lost', does: 'answer gets lost', method: 'pm_card_visa', losesAnswer: true },
    then: 'The money has moved and nobody heard of it. The provider is asked, and the order is confirmed, charged once. (It strikes the next charge, whoever’s it is.)',
  },
  {
    ...{ name: '3ds', does: 'asks for 3-D Secure', method: 'pm_card_threeDSecure2Required' },
    then: 'The order waits for its customer, who you are: the order’s page has the link.',
  },
  {
    ...{ name: 'slow', does: 'takes its time', method: 'pm_sim_processing_succeeds' },
    then: 'The provider works on it for two seconds, then it is paid.',
  },
  {
    ...{ name: 'dispute', does: 'is disputed after the sale', method: 'pm_card_createDispute' },
    then: 'A few seconds later the bank takes the money back, and the order is parked in front of a person.',
  },
];

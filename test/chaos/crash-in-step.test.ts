import { testCrashPoints } from '../support/crash-points.ts';

testCrashPoints([
  ['inside inventory.reserve', 'pm_card_visa', 'confirmed'],
  ['after inventory.reserve', 'pm_card_visa', 'confirmed'],
  ['after provider.createCustomer', 'pm_card_visa', 'confirmed', { savePaymentMethod: true }],
  ['inside payments.keepCustomer', 'pm_card_visa', 'confirmed', { savePaymentMethod: true }],
  ['after provider.create', 'pm_card_visa', 'confirmed'],
  ['inside payments.keepProviderId', 'pm_card_visa', 'confirmed'],
  ['after payments.keepProviderId', 'pm_card_visa', 'confirmed'],
  ['after provider.confirm', 'pm_card_visa', 'confirmed'],
  ['inside payments.recordCapture', 'pm_card_visa', 'confirmed'],
  ['after payments.recordCapture', 'pm_card_visa', 'confirmed'],
]);

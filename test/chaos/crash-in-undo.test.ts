import { testCrashPoints } from '../support/crash-points.ts';

testCrashPoints([
  ['inside orders.confirm', 'pm_card_visa', 'confirmed'],
  ['after orders.confirm', 'pm_card_visa', 'confirmed'],
  ['after payments.recordDecline', 'pm_card_chargeDeclined', 'rejected'],
  ['after payments.fence', 'pm_card_chargeDeclined', 'rejected'],
  ['after provider.cancel', 'pm_card_chargeDeclined', 'rejected'],
  ['after inventory.release', 'pm_card_chargeDeclined', 'rejected'],
  ['after orders.close', 'pm_card_chargeDeclined', 'rejected'],
]);

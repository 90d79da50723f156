/**
 * Every call around which a process can be made to crash (`CRASH_POINTS`), by the process that makes it: `before` and
 * `after` each, and `inside` those that are a transaction, with their work done and their commit not. A test compares the
 * list with the ports themselves.
 */
export const crashableCalls = {
  worker: {
    transactions: [
      'inventory.reserve',
      'inventory.release',
      'orders.confirm',
      'orders.cancel',
      'orders.close',
      'orders.park',
      'orders.resume',
      'orders.remind',
      'orders.clearParked',
      'payments.keepProviderId',
      'payments.recordCapture',
      'payments.recordDecline',
      'payments.fence',
      'payments.recordVoid',
      'payments.recordRefund',
      'payments.recordDispute',
      'payments.acknowledge',
      'payments.adoptPayment',
      'payments.awaitCustomer',
      'payments.fenceTry',
      'payments.requestMethod',
      'payments.keepStray',
      'refunds.begin',
      'refunds.fence',
      'refunds.allowSending',
      'refunds.raisePartRevision',
      'refunds.noteFailure',
      'refunds.settlePart',
      'refunds.abandon',
    ],
    others: [
      'inventory.extendHold',
      'refunds.noteOthers',
      'payments.find',
      'payments.findTryAfter',
      'payments.findStanding',
      'payments.raiseRevision',
      'provider.create',
      'provider.confirm',
      'provider.find',
      'provider.cancel',
      'provider.refund',
      'provider.listRefunds',
      'provider.listDisputes',
      'provider.findClientSecret',
    ],
  },
  /** Made by the worker too, but only where orders are reviewed. */
  reviewing: {
    transactions: ['orders.decideReview', 'orders.advanceReview'],
    others: [],
  },
  /** Made by the worker too, but only where orders ship. */
  shipping: {
    transactions: [
      'shipments.plan',
      'shipments.await',
      'shipments.noteDelay',
      'shipments.askLabel',
      'shipments.keepParcel',
      'shipments.recordFacts',
      'shipments.replace',
      'shipments.accept',
      'shipments.withdraw',
      'shipments.giveBack',
      'shipments.findCancelled',
      'shipments.finish',
    ],
    others: ['shipments.findStanding', 'carrier.create', 'carrier.find', 'carrier.list', 'carrier.cancel'],
  },
  /** Made by the worker too, but only of orders that wait for stock. */
  backordering: {
    transactions: ['backorderSteps.awaitStock', 'backorderSteps.expire'],
    others: [],
  },
  /** Made by the worker too, but only where something comes back. */
  returning: {
    transactions: [
      'returns.await',
      'returns.noteDelay',
      'returns.reject',
      'returns.expire',
      'returns.settle',
      'returns.askRefund',
      'returns.accept',
    ],
    others: ['returns.find'],
  },
  /** Made by the worker too, but only of orders that are paid as they ship. */
  capturing: {
    transactions: [
      'payments.recordAuthorization',
      'payments.recordReceived',
      'captures.begin',
      'captures.allowSending',
      'captures.raiseRevision',
      'captures.settle',
      'captures.adopt',
      'captures.giveUp',
    ],
    others: ['captures.findMeant', 'captures.isCounted', 'provider.capture'],
  },
  /** Made by the worker too, but only where somebody is told of events. */
  telling: {
    transactions: ['webhookWork.feed', 'webhookWork.claim', 'webhookWork.settle'],
    others: ['webhookWork.forget', 'webhookSender.send'],
  },
  /** Made by the worker too, but only where somebody is erased, or a retention period is set. */
  erasing: {
    transactions: ['erasureWork.advance', 'erasureWork.eraseAged'],
    others: ['erasureWork.prune', 'erasureWork.readStanding'],
  },
  /** Made by the worker too, but only where events go to a broker. */
  publishing: {
    transactions: ['brokerWork.claim', 'brokerWork.settle'],
    others: [
      ...['brokerWork.begin', 'brokerWork.read', 'brokerWork.markDeclared'],
      ...['brokerPublisher.connect', 'brokerPublisher.publish'],
    ],
  },
  /** Made by the worker too, but only where customers are told by mail. */
  mailing: {
    transactions: ['noticeFeed.feed', 'customerNotices.claim', 'customerNotices.settle'],
    others: [
      ...['noticeFeed.begin', 'noticeFeed.read', 'noticeStarter.startNotice', 'mailSender.send'],
      ...['noticeMarks.claimDue', 'noticeMarks.noteRunning', 'noticeMarks.noteOver'],
    ],
  },
  /** Made by the worker too, but only of orders whose payment method is saved. */
  saving: {
    transactions: ['payments.keepCustomer'],
    others: ['provider.createCustomer'],
  },
  /** Made by the worker too, but only where orders are amended. */
  amending: {
    transactions: ['amendments.hold', 'amendments.apply', 'amendments.fence', 'amendments.refuse'],
    others: ['payments.findFurther'],
  },
  api: {
    transactions: ['acceptance.place', 'methods.provide'],
    others: [
      'acceptance.settleAnswer',
      'marks.claimDue',
      'marks.findOpen',
      'marks.noteRunning',
      'marks.markAgain',
      'marks.countWaiting',
      'starter.start',
      'notices.keep',
      'notices.claimDue',
      'notices.finish',
      'receivers.tellOrder',
      'receivers.followPayment',
      'methods.findPaymentToFinish',
    ],
  },
  /** Made by the api too, but only where orders ship. */
  packing: {
    transactions: ['packing.pack'],
    others: [
      'packing.list',
      'shipmentNotices.keep',
      'shipmentNotices.claimDue',
      'shipmentNotices.finish',
      'shipmentReceivers.tellShipment',
      'shipmentReceivers.tellPlan',
      'shipmentReceivers.followShipment',
    ],
  },
  /** Made by the api too, but only while orders wait for stock. */
  serving: {
    transactions: ['backorders.fillNext'],
    others: ['backorders.claimDue', 'backorders.finish', 'backorders.claimNews', 'stockTeller.tellOfStock'],
  },
  /** Made by the worker too, but only while the books are compared. */
  reconciling: {
    transactions: [
      'reconciliation.begin',
      'reconciliation.copyDisputes',
      'reconciliation.settle',
      'reconciliation.finish',
    ],
    others: [
      'reconciliation.copyPayments',
      'reconciliation.copyRefunds',
      'reconciliation.suspect',
      'reconciliation.nextSuspects',
      'provider.list',
      'provider.listAllRefunds',
      'provider.listAllDisputes',
      'provider.findDispute',
    ],
  },
} as const;

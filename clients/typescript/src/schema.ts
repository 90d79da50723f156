// Written by `npm run client` from the OpenAPI document: do not change it by hand.

export interface paths {
    "/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List orders, newest first */
        get: operations["listOrders"];
        put?: never;
        /** Place an order */
        post: operations["placeOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many orders stand where */
        get: operations["countOrders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One order */
        get: operations["getOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What may be done about the order now, by this caller, and why not the rest */
        get: operations["listOrderActions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/explanation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to the order, what it waits for, and who must act */
        get: operations["explainOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel an order that is not sold yet, or of which nothing has left yet */
        post: operations["cancelOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/amendments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The changes that were asked for after the sale */
        get: operations["listAmendments"];
        put?: never;
        /** Change the lines or the address of a confirmed order before anything of it is packed */
        post: operations["requestAmendment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/amendments/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One amendment */
        get: operations["getAmendment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approve or reject an order that waits for a review before it is charged */
        post: operations["reviewOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The refunds that operators asked for */
        get: operations["listRefunds"];
        put?: never;
        /** Give back an amount, units of its lines, or all that is left of a sold order */
        post: operations["requestRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/refunds/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One refund */
        get: operations["getRefund"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/returns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What comes back, or came */
        get: operations["listReturns"];
        put?: never;
        /** Ask whether units that were shipped may come back */
        post: operations["requestReturn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/returns/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One return */
        get: operations["getReturn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/returns/{number}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It may come back */
        post: operations["approveReturn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/returns/{number}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It may not come back */
        post: operations["rejectReturn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/returns/{number}/receive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What came of it: it is restocked or written off, and given back for */
        post: operations["receiveReturn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/resolution": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide about a parked order: retry its step, skip it, or compensate */
        post: operations["resolveOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/resolutions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide about many parked orders at once */
        post: operations["resolveMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/resolutions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a decision about many orders has come */
        get: operations["getResolution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/resolutions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin no further order; those that were told stay told */
        post: operations["cancelResolution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reconciliations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Comparisons, newest first; the counts are of your own drifts */
        get: operations["listReconciliations"];
        put?: never;
        /** Compare the books with the provider’s and with Temporal’s now */
        post: operations["reconcile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reconciliations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What did not agree, and what was done about it; your own drifts only */
        get: operations["getReconciliation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What its customer was told by mail, and what is still to be */
        get: operations["listNotices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/notices/{name}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send it (again), as another mail, as soon as a worker sends mails */
        post: operations["resendNotice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/contact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Whom its notices go to from now on: one that was refused is sent by `resend` afterwards */
        put: operations["putContact"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was asked to be erased, the first first: keep a copy outside of the database, for after a restore */
        get: operations["listErasures"];
        put?: never;
        /** Erase what the orders of a customer hold of a person; money and stock stay */
        post: operations["requestErasure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/erasures/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an erasure has come, and what it waits for */
        get: operations["getErasure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to an order; live with `Accept: text/event-stream` */
        get: operations["listOrderEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The feed over all orders, by position; live with `Accept: text/event-stream` */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/event-schemas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every type of event with its versions */
        get: operations["listEventSchemas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/event-schemas/{type}/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The JSON Schema (2020-12) of an event’s whole envelope */
        get: operations["getEventSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/asyncapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The streams of events, as an AsyncAPI 3.0 document */
        get: operations["getAsyncApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/payment-method": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give another payment method after a decline */
        post: operations["givePaymentMethod"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/payment-action": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the customer needs to authenticate the payment (3-D Secure) */
        get: operations["getPaymentAction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payment-webhooks/stripe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Events of the payment provider, by its signature */
        post: operations["receivePaymentNotice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/shipments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The shipments of an order */
        get: operations["listShipments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/shipments/{number}/packed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The warehouse has packed it; the carrier’s label is made next */
        post: operations["packShipment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/carrier-webhooks/generic": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Messages of the carrier, by its signature */
        post: operations["receiveCarrierNotice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/{sku}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One product with its stock */
        get: operations["getProduct"];
        /** Create or replace a product */
        put: operations["putProduct"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List products by sku */
        get: operations["listProducts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/{sku}/stock-adjustments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What people changed of the stock of a product, the latest first */
        get: operations["listStockAdjustments"];
        put?: never;
        /** Change the stock by a recorded movement */
        post: operations["adjustStock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/{sku}/backorders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Orders that wait for stock of a product, in the order in which they are served */
        get: operations["listBackorders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/{sku}/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Orders that hold units of a product which they have not bought yet */
        get: operations["listHolds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits inside the service, and how long */
        get: operations["getQueues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/caller": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who calls with this key, and what it may do */
        get: operations["getCaller"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/warehouses/{warehouse}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Create or replace a warehouse */
        put: operations["putWarehouse"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/warehouses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All warehouses, the first choice first */
        get: operations["listWarehouses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All subscriptions, the oldest first */
        get: operations["listWebhookSubscriptions"];
        put?: never;
        /** Have events told to a URL, signed, at least once, and of each order in sequence */
        post: operations["createWebhookSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-subscriptions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One subscription */
        get: operations["getWebhookSubscription"];
        /** Change, pause or resume a subscription; what waits is sent as it says now */
        put: operations["replaceWebhookSubscription"];
        post?: never;
        /** End a subscription, with all that was still to be told */
        delete: operations["deleteWebhookSubscription"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-subscriptions/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign with a new secret; the one before signs too for a while */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-subscriptions/{id}/ping": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test message (`webhook.ping`) now, and say how it was answered */
        post: operations["pingWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-subscriptions/{id}/replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell a range of the feed once more, behind what waits */
        post: operations["replayWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-subscriptions/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was told, and what is still to be, the latest first */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-subscriptions/{id}/deliveries/{delivery}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send it (again) as soon as it can be; one that was told is told once more */
        post: operations["resendWebhookDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-subscriptions/{id}/deliveries/{delivery}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take one that is parked out of the way of those behind it */
        post: operations["skipWebhookDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/temporal-codec/decode": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reads payloads that are kept encrypted, for Temporal’s Web UI and command line */
        post: operations["decodePayloads"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/temporal-codec/encode": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Encrypts payloads that they send */
        post: operations["encodePayloads"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process lives */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This api can accept orders (Temporal may be away: the orders wait) */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every part, its state and since when */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each worker thinks of the payment provider: is it asked, or left alone for a moment */
        get: operations["getProviderHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /**
             * @description Which problem: others may be added
             * @example /problems/invalid-body
             * @enum {string}
             */
            type: "/problems/malformed-request" | "/problems/malformed-json" | "/problems/invalid-query" | "/problems/invalid-cursor" | "/problems/invalid-header" | "/problems/missing-idempotency-key" | "/problems/invalid-if-match" | "/problems/invalid-signature" | "/problems/invalid-idempotency-key" | "/problems/missing-api-key" | "/problems/invalid-api-key" | "/problems/insufficient-scope" | "/problems/other-site" | "/problems/unreadable-payload" | "/problems/order-not-found" | "/problems/resolution-not-found" | "/problems/reconciliation-not-found" | "/problems/erasure-not-found" | "/problems/refund-not-found" | "/problems/return-not-found" | "/problems/amendment-not-found" | "/problems/product-not-found" | "/problems/shipment-not-found" | "/problems/subscription-not-found" | "/problems/notice-not-found" | "/problems/delivery-not-found" | "/problems/not-found" | "/problems/method-not-allowed" | "/problems/request-timeout" | "/problems/order-not-cancellable" | "/problems/order-not-in-review" | "/problems/order-not-refundable" | "/problems/refund-too-large" | "/problems/not-captured" | "/problems/order-not-returnable" | "/problems/too-many-returns" | "/problems/return-decided" | "/problems/return-not-exchangeable" | "/problems/return-exchanged" | "/problems/order-not-amendable" | "/problems/shipment-cancelled" | "/problems/shipment-changed" | "/problems/order-not-parked" | "/problems/parked-step-ambiguous" | "/problems/parking-differs" | "/problems/resolution-not-possible" | "/problems/resolution-count-differs" | "/problems/resolution-finished" | "/problems/not-waiting-for-payment" | "/problems/too-many-subscriptions" | "/problems/notice-open" | "/problems/delivery-not-parked" | "/problems/too-many-warehouses" | "/problems/stock-below-reserved" | "/problems/stock-above-limit" | "/problems/order-changed" | "/problems/body-too-large" | "/problems/unsupported-media-type" | "/problems/expectation-failed" | "/problems/invalid-body" | "/problems/idempotency-key-reused" | "/problems/unknown-sku" | "/problems/unknown-line" | "/problems/return-too-large" | "/problems/unknown-return" | "/problems/unknown-warehouse" | "/problems/mixed-currencies" | "/problems/amount-too-large" | "/problems/nothing-to-amend" | "/problems/payment-method-needed" | "/problems/missing-if-match" | "/problems/too-many-requests" | "/problems/too-many-streams" | "/problems/header-too-large" | "/problems/internal-error" | "/problems/service-unavailable" | "/problems/overloaded" | "/problems/too-many-waiting" | "/problems/database-behind";
            title: string;
            status: number;
            detail: string;
            errors?: {
                pointer: string;
                message: string;
            }[];
        };
        Order: {
            id: string;
            /** @enum {string} */
            status: "placed" | "reserved" | "confirmed" | "shipped" | "delivered" | "rejected" | "cancelled";
            attention: {
                /** @enum {string} */
                step: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
                reason: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                since: string;
            } | null;
            waiting: {
                /** @enum {string} */
                for: "review" | "customer" | "provider" | "stock" | "warehouse" | "carrier";
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                until: string | null;
            } | null;
            customerId: string;
            /** @example EUR */
            currency: string;
            /**
             * @description Integer minor units of the currency
             * @example 1250
             */
            totalMinor: number;
            totals: components["schemas"]["Totals"];
            /**
             * @description When its money is taken
             * @enum {string}
             */
            capture: "at-confirm" | "per-shipment";
            items: {
                sku: string;
                name: string;
                quantity: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                unitPriceMinor: number;
                /** @description Units that a carrier has taken over */
                shippedQuantity: number;
                /** @description Units that have arrived */
                deliveredQuantity: number;
                /** @description Units that are waited for; only of orders that allow it (`shipping.onShortage`) */
                backorderedQuantity?: number;
            }[];
            payment: {
                /** @enum {string} */
                state: "pending" | "authorized" | "captured" | "declined" | "voided" | "refunded";
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                capturedMinor: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                refundedMinor: number;
                /**
                 * @description What disputes (chargebacks) hold back now: taken from us by the bank, and not given again
                 * @example 1250
                 */
                disputedMinor: number;
                /**
                 * @description Reserved with the customer’s bank and not captured yet, of an order that is paid as it ships
                 * @example 1250
                 */
                authorizedMinor: number;
                declineCode?: string;
            };
            rejection: {
                code: string;
                message: string;
            } | null;
            review: components["schemas"]["Review"];
            /** @description Refunds that operators asked for, the first first */
            refunds: components["schemas"]["Refund"][];
            /** @description Changes after the sale that were asked for, the first first; left out when there are none */
            amendments?: components["schemas"]["Amendment"][];
            shipments: components["schemas"]["Shipment"][];
            /** @description The first first */
            returns: components["schemas"]["Return"][];
            /** @description The return in whose place it is placed: of the same customer, approved, once */
            exchangeOf?: {
                orderId: string;
                return: number;
            };
            /**
             * Format: date-time
             * @description Since when nothing of a person stands in it: where words stood is `erased`. Left out while nobody has erased it
             * @example 2026-01-31T12:00:00.000Z
             */
            erasedAt?: string;
            correlationId: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            placedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            updatedAt: string;
            links: {
                self: string;
                events: string;
                /** Format: uri */
                temporal: string;
            };
        };
        /** @description What `totalMinor` is made of: lines − discount + shipping, and + tax where it comes on top (`taxIncluded: false`). Frozen when the order is placed, until it is amended */
        Totals: {
            /**
             * @description Integer minor units of the currency
             * @example 1250
             */
            linesMinor: number;
            /**
             * @description Integer minor units of the currency
             * @example 1250
             */
            discountMinor: number;
            /**
             * @description Integer minor units of the currency
             * @example 1250
             */
            shippingMinor: number;
            /**
             * @description Integer minor units of the currency
             * @example 1250
             */
            taxMinor: number;
            taxIncluded: boolean;
        };
        /** @description Null: nobody had to look at it before it was charged */
        Review: {
            /**
             * @description `expired`: nobody decided in time; `cancelled`: the order ended before anybody did
             * @enum {string}
             */
            state: "pending" | "approved" | "rejected" | "expired" | "cancelled";
            reasons: {
                /** @enum {string} */
                rule: "amount" | "first-order" | "units" | "velocity";
                message: string;
            }[];
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            requestedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            until: string;
            /**
             * Format: date-time
             * @description Since when a second group of reviewers has to decide
             * @example 2026-01-31T12:00:00.000Z
             */
            escalatedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            decidedAt: string | null;
            decidedBy: string | null;
            reason: string | null;
        } | null;
        Refund: {
            /** @description Counts within the order */
            number: number;
            /**
             * @description Integer minor units of the currency
             * @example 1250
             */
            amountMinor: number;
            /** @example EUR */
            currency: string;
            /**
             * @description `abandoned`: given up, nothing of it went back
             * @enum {string}
             */
            state: "requested" | "completed" | "abandoned";
            items: {
                sku: string;
                quantity: number;
            }[] | null;
            reason: string;
            /** @description Who asked for it */
            actor: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            requestedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            settledAt: string | null;
            /** @description The refunds at the provider that it has come to */
            refundIds: string[];
            /** @description Who gave it up, and why */
            abandoned: {
                actor: string;
                reason: string;
            } | null;
        };
        Amendment: {
            /** @description Counts within the order */
            number: number;
            /**
             * @description `refused`: the order is as it was
             * @enum {string}
             */
            state: "pending" | "applied" | "refused";
            reason: string;
            /** @description Who asked for it */
            actor: string;
            /** @example EUR */
            currency: string;
            before: {
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                totalMinor: number;
                totals: components["schemas"]["Totals"];
                items: {
                    sku: string;
                    name: string;
                    quantity: number;
                    /**
                     * @description Integer minor units of the currency
                     * @example 1250
                     */
                    unitPriceMinor: number;
                }[];
            };
            after: {
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                totalMinor: number;
                totals: components["schemas"]["Totals"];
                items: {
                    sku: string;
                    name: string;
                    quantity: number;
                    /**
                     * @description Integer minor units of the currency
                     * @example 1250
                     */
                    unitPriceMinor: number;
                }[];
            };
            changesAddress: boolean;
            /**
             * @description Charged beyond what was paid
             * @example 1250
             */
            chargeMinor: number;
            /** @description The refund by which the difference goes back */
            refundNumber: number | null;
            /** @description Why it was refused */
            refusal: {
                code: string;
                message: string;
                declineCode?: string;
            } | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            requestedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            settledAt: string | null;
        };
        Shipment: {
            number: number;
            /** @description Where it leaves from */
            warehouse: string;
            /**
             * @description It only goes forward; `cancelled`: it must not leave
             * @enum {string}
             */
            status: "pending" | "packed" | "dispatched" | "delivered" | "lost" | "returned" | "cancelled";
            carrier: string | null;
            trackingNumber: string | null;
            items: {
                sku: string;
                quantity: number;
            }[];
            /** @description It is sent once more in the place of this one */
            replaces: number | null;
            waiting: {
                /** @enum {string} */
                for: "warehouse" | "carrier";
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                until: string | null;
            } | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            packedAt: string | null;
            /**
             * Format: date-time
             * @description As the carrier dates it. Of a cancelled shipment: its parcel has left all the same
             * @example 2026-01-31T12:00:00.000Z
             */
            dispatchedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            deliveredAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            lostAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            returnedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            cancelledAt: string | null;
            /**
             * Format: date-time
             * @description An operator has decided that it does not go
             * @example 2026-01-31T12:00:00.000Z
             */
            withdrawnAt: string | null;
            /**
             * Format: date-time
             * @description Its units are on the shelf again, and what they cost is being given back
             * @example 2026-01-31T12:00:00.000Z
             */
            givenBackAt: string | null;
            /**
             * Format: date-time
             * @description A person has taken it as it is
             * @example 2026-01-31T12:00:00.000Z
             */
            acceptedAt: string | null;
        };
        Return: {
            /** @description Counts within the order */
            number: number;
            /**
             * @description `received`: it is being given back for; `expired`: the goods did not come in time
             * @enum {string}
             */
            status: "requested" | "approved" | "rejected" | "expired" | "received" | "completed";
            /** @enum {string} */
            wish: "refund" | "exchange";
            reason: string;
            /** @description Who asked for it */
            actor: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            requestedAt: string;
            items: {
                sku: string;
                quantity: number;
                reason: string | null;
                /** @description Units of it that came and are on the shelf again */
                restocked: number;
                /** @description Units of it that came and are not */
                writtenOff: number;
                warehouse: string | null;
            }[];
            /**
             * Format: date-time
             * @description Until when the answer, or the goods, are waited for
             * @example 2026-01-31T12:00:00.000Z
             */
            until: string | null;
            decision: {
                actor: string;
                reason: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                at: string;
            } | null;
            receipt: {
                actor: string;
                reason: string | null;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                at: string;
            } | null;
            refund: {
                number: number;
                /** @enum {string} */
                state: "requested" | "completed" | "abandoned";
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                amountMinor: number;
            } | null;
            /** @description Why nothing is given back for it, so far or for good */
            noRefund: string | null;
            exchange: {
                orderId: string;
            } | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            closedAt: string | null;
        };
        PlaceOrder: {
            /** @example customer-42 */
            customerId: string;
            items: {
                /** @example espresso-beans */
                sku: string;
                /** @example 2 */
                quantity: number;
            }[];
            /**
             * @description A payment method id of the provider, never a card number
             * @example pm_card_visa
             */
            paymentMethod: string;
            /** @description How long another payment method may be given after a decline (`POST /orders/{id}/payment-method`), ten tries in all; 0: not at all. As configured when left out */
            paymentRetryMinutes?: number;
            /** @description Where to ship to: the order goes on after it is confirmed, until it is delivered */
            shipping?: {
                name: string;
                line1: string;
                line2?: string;
                city: string;
                postalCode: string;
                country: string;
                /**
                 * @description When there is too little stock: `reject` the order (when left out); `split`: what is there ships at once, the rest when it comes; `wait`: all of it ships together once it is there. What has not come in time is refunded
                 * @enum {string}
                 */
                onShortage?: "reject" | "split" | "wait";
            };
            /**
             * @description When the money is taken: `at-confirm`, with the sale; `per-shipment`, only for an order with `shipping`: it is authorized with the sale, and captured as its shipments are handed over. As configured when left out
             * @enum {string}
             */
            capture?: "at-confirm" | "per-shipment";
            /** @description `true`: what it is paid with is saved at the provider, for this order alone, and charged when the order is amended to more without another `paymentMethod`. The customer has to have agreed to that */
            savePaymentMethod?: boolean;
            /** @description The return in whose place it is placed: of the same customer, approved, once */
            exchangeOf?: {
                orderId: string;
                return: number;
            };
            contact?: components["schemas"]["Contact"];
            /**
             * @example {
             *       "channel": "web"
             *     }
             */
            metadata?: {
                [key: string]: string;
            };
        };
        /** @description Whom notices about the order go to, where a mail server is set up. Kept apart from the order, and in no answer, event or log */
        Contact: {
            /** @example jane@example.com */
            email: string;
            /** @description As she is spoken to */
            name?: string;
            /**
             * @description In which language she is told
             * @example de-AT
             */
            locale?: string;
        };
        OrderList: {
            items: components["schemas"]["Order"][];
            nextCursor: string | null;
        };
        OrderCounts: {
            /** @description No count goes beyond it: it means so many or more */
            atMost: number;
            statuses: {
                placed: number;
                reserved: number;
                confirmed: number;
                shipped: number;
                delivered: number;
                rejected: number;
                cancelled: number;
            };
            parked: number;
            waiting: {
                review: number;
                customer: number;
                provider: number;
                stock: number;
                warehouse: number;
                carrier: number;
            };
            /** @description Parked steps, of which an order can have several; what waits longest first */
            parkedSteps: {
                /** @enum {string} */
                step: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
                count: number;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                oldestSince: string;
            }[];
        };
        OrderActions: {
            items: {
                /** @enum {string} */
                name: "resolve" | "review" | "give-payment-method" | "pack" | "cancel" | "amend" | "refund" | "return" | "decide-return" | "receive-return";
                /**
                 * @description What a key needs for it
                 * @enum {string}
                 */
                scope: "orders:read" | "orders:write" | "orders:cancel" | "orders:review" | "orders:review:escalated" | "orders:fulfil" | "operate" | "admin";
                /** @description To this caller, now */
                allowed: boolean;
                whyNot: string | null;
                /** @description Of the shipment, or the return, that it is about */
                number?: number;
                parked?: {
                    /** @enum {string} */
                    step: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
                    reason: string;
                    /**
                     * Format: date-time
                     * @example 2026-01-31T12:00:00.000Z
                     */
                    since: string;
                    workflowId: string;
                    choices: ("retry" | "skip" | "compensate")[];
                    /** @description What a skip has to name; null: nothing */
                    valueToSkip: string | null;
                };
                /**
                 * @description What can be refunded
                 * @example 1250
                 */
                leftMinor?: number;
                /** @description What may come back */
                units?: {
                    sku: string;
                    quantity: number;
                }[];
            }[];
        };
        Explanation: {
            orderId: string;
            /** @enum {string} */
            status: "placed" | "reserved" | "confirmed" | "shipped" | "delivered" | "rejected" | "cancelled";
            summary: string;
            happened: {
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                at: string | null;
                sentence: string;
            }[];
            /** @description Null when the order has ended, nothing beside it is parked, and no bank has to decide */
            waitingFor: {
                what: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                until: string | null;
            } | null;
            mustAct: {
                /** @enum {string} */
                who: "nobody" | "operator" | "customer" | "reviewer" | "provider" | "warehouse" | "carrier" | "service";
                how: string;
            };
            possibleActions: ("retry" | "skip" | "compensate")[];
            /** @description All that is parked, the longest first; null where the stake is not known */
            parked: {
                /** @enum {string} */
                step: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
                reason: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                since: string;
                workflowId: string;
                possibleActions: ("retry" | "skip" | "compensate")[];
                atStake: {
                    amountMinor: number | null;
                    units: number | null;
                    sentence: string;
                };
            }[];
            attempts: {
                /** @enum {string} */
                step: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
                attempt: number;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                at: string;
                message: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                nextTryAt: string | null;
            }[];
            nextRetry: {
                /** @enum {string} */
                step: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
                attempt: number;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                at: string | null;
            } | null;
            money: {
                /** @example EUR */
                currency: string;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                totalMinor: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                capturedMinor: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                refundedMinor: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                disputedMinor: number;
                /**
                 * @description Authorized, to be captured as it ships
                 * @example 1250
                 */
                authorizedMinor: number;
                /** @description Captured less refunded and disputed */
                balanceMinor: number;
                /**
                 * @description Asked for by operators, and not given back yet
                 * @example 1250
                 */
                toRefundMinor: number;
                /**
                 * @description May be taken already: only the provider knows
                 * @example 1250
                 */
                mayBeCapturedMinor: number;
                sentence: string;
            };
            /** @description Disputes of its payments that are not won */
            disputes: {
                disputeId: string;
                /** @enum {string} */
                state: "open" | "lost";
                reason: string;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                amountMinor: number;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                evidenceDueAt: string | null;
            }[];
            /** @description Refunds that operators asked for; `movedMinor` is what of each went back */
            refunds: {
                number: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                amountMinor: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                movedMinor: number;
                /** @enum {string} */
                state: "requested" | "completed" | "abandoned";
                reason: string;
            }[];
            /** @description What customers want to send back, or have; `worthMinor` is the prices of its units */
            returns: {
                number: number;
                /** @enum {string} */
                status: "requested" | "approved" | "rejected" | "expired" | "received" | "completed";
                units: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                worthMinor: number;
                reason: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                until: string | null;
            }[];
            /** @description A change of the order that is under way; left out when there is none */
            amendment?: {
                number: number;
                reason: string;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                chargeMinor: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                fromMinor: number;
                /**
                 * @description Integer minor units of the currency
                 * @example 1250
                 */
                toMinor: number;
            };
            stock: {
                heldUnits: number | null;
                soldUnits: number;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                holdUntil: string | null;
                sentence: string;
            };
            atStake: {
                amountMinor: number;
                units: number | null;
            };
            /** @description What could not be asked for this answer */
            notAsked: string[];
        };
        CancelOrder: {
            /** @example the customer changed their mind */
            reason: string;
        };
        /** @description What is left out stays as it is */
        RequestAmendment: {
            /** @description All lines that the order is to have. Those that it has already keep their price, others have the catalogue’s */
            items?: {
                /** @example espresso-beans */
                sku: string;
                /** @example 2 */
                quantity: number;
            }[];
            /** @description Where to ship to: the order goes on after it is confirmed, until it is delivered */
            shipping?: {
                name: string;
                line1: string;
                line2?: string;
                city: string;
                postalCode: string;
                country: string;
            };
            /**
             * @description Needed where the order becomes dearer and was not placed with `savePaymentMethod`: the difference is charged, and no customer is waited for
             * @example pm_card_visa
             */
            paymentMethod?: string;
            /** @example one more, please */
            reason: string;
        };
        AmendmentList: {
            items: components["schemas"]["Amendment"][];
        };
        ReviewOrder: {
            /** @enum {string} */
            decision: "approve" | "reject";
            /** @example a customer we know */
            reason: string;
        };
        /** @description With neither amount nor items all that is left is given back */
        RequestRefund: {
            /**
             * @description How much is given back
             * @example 1250
             */
            amountMinor?: number;
            /** @description Units of its lines, at what was paid for them: with their share of discount, shipping and tax */
            items?: {
                /** @example espresso-beans */
                sku: string;
                /** @example 2 */
                quantity: number;
            }[];
            /** @example one cup was broken */
            reason: string;
        };
        RefundList: {
            items: components["schemas"]["Refund"][];
        };
        RequestReturn: {
            items: {
                /** @example espresso-beans */
                sku: string;
                /** @example 2 */
                quantity: number;
                /** @example it does not fit */
                reason?: string;
            }[];
            /** @example it does not fit */
            reason: string;
            /**
             * @description What the customer wants for it; for whoever decides about it
             * @default refund
             * @enum {string}
             */
            wish?: "refund" | "exchange";
        };
        ReturnList: {
            items: components["schemas"]["Return"][];
        };
        DecideReturn: {
            /** @example it does not fit */
            reason: string;
        };
        ReceiveReturn: {
            /** @description What came. What did not is not given back; it may be asked for by another return */
            items: {
                /** @example espresso-beans */
                sku: string;
                /** @example 2 */
                quantity: number;
                /**
                 * @description `restock`: on the shelf again
                 * @enum {string}
                 */
                disposition: "restock" | "write_off";
            }[];
            /**
             * @description Where it is put; where it was shipped from when left out
             * @example north
             */
            warehouse?: string;
            /** @example it does not fit */
            reason?: string;
        };
        OrderResolution: {
            orderId: string;
            /** @enum {string} */
            step: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
            /** @enum {string} */
            action: "retry" | "skip" | "compensate";
            value?: string;
            actor: string;
            reason: string;
        };
        ResolveOrder: {
            /** @enum {string} */
            action: "retry" | "skip" | "compensate";
            /** @description For `skip` of a charge or a refund: the payment, or the refund, that was made by hand at the provider. Left out for `follow-payment`, whose money is taken as it stands */
            value?: string;
            /** @example the provider is well again */
            reason: string;
            /**
             * @description Which parked step; by default the one that `attention` shows
             * @enum {string}
             */
            step?: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
            /**
             * @description Which one, where two are parked at the same step: as the explanation of the order names it
             * @example order_01kax3v7ehe4sbg0krv6m4fxxv:payment:pi_1
             */
            workflowId?: string;
            /**
             * @description Since when what you decide about is parked, as `attention` or the explanation shows it: if it is parked since another time by now, hence over something else, nothing is decided (`parking-differs`). Left out, the decision is about whatever is parked when it arrives
             * @example 2026-01-31T12:00:00.000Z
             */
            since?: string;
        };
        ResolutionPreview: {
            count: number;
            sample: {
                orderId: string;
                workflowId: string;
                /** @enum {string} */
                step: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
                reason: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                since: string;
            }[];
        };
        Resolution: {
            id: string;
            /** @enum {string} */
            state: "accepted" | "running" | "cancelling" | "cancelled" | "finished";
            /**
             * @description Which parked steps (an order can have several); empty: all of them
             * @example {
             *       "step": "charge-payment"
             *     }
             */
            filter: {
                /** @enum {string} */
                step?: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
                /** @enum {string} */
                status?: "placed" | "reserved" | "confirmed" | "shipped" | "delivered" | "rejected" | "cancelled";
                parkedBefore?: string;
                /** @example customer-42 */
                customerId?: string;
            };
            /** @enum {string} */
            action: "retry" | "compensate";
            actor: string;
            reason: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            acceptedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            finishedAt: string | null;
            counts: {
                total: number;
                resolved: number;
                refused: number;
                unanswered: number;
                /** @description Not reached yet; or never, when it was cancelled */
                left: number;
            };
            unresolved: {
                orderId: string;
                workflowId: string;
                /** @enum {string} */
                outcome: "resolved" | "refused" | "unanswered";
                detail: string | null;
            }[];
        };
        ResolveMany: {
            /**
             * @description Which parked steps (an order can have several); empty: all of them
             * @example {
             *       "step": "charge-payment"
             *     }
             */
            filter: {
                /** @enum {string} */
                step?: "reserve-inventory" | "charge-payment" | "confirm-order" | "refund-payment" | "release-inventory" | "close-order" | "follow-payment" | "pay-refund" | "capture-payment" | "ship-order" | "pack-shipment" | "create-shipment" | "dispatch-shipment" | "deliver-shipment" | "refund-missing" | "cancel-shipment" | "follow-shipment" | "approve-return" | "receive-return" | "refund-return" | "hold-amendment" | "charge-amendment" | "apply-amendment" | "undo-amendment" | "close-amendment";
                /** @enum {string} */
                status?: "placed" | "reserved" | "confirmed" | "shipped" | "delivered" | "rejected" | "cancelled";
                parkedBefore?: string;
                /** @example customer-42 */
                customerId?: string;
            };
            /** @enum {string} */
            action: "retry" | "compensate";
            /** @example the provider is well again */
            reason: string;
            /**
             * @description Only count: nothing is decided
             * @default false
             */
            dryRun?: boolean;
            /** @description What the dry run counted: another number now refuses the request */
            expectedCount?: number;
        };
        Reconciliation: {
            id: string;
            /** @enum {string} */
            state: "accepted" | "running" | "finished" | "failed";
            /** @description `schedule`, or the key; null for a key of others */
            requestedBy: string | null;
            dryRun: boolean;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            acceptedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            finishedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            since: string | null;
            /**
             * Format: date-time
             * @description What is younger may be under way, and was not compared
             * @example 2026-01-31T12:00:00.000Z
             */
            until: string | null;
            failure: string | null;
            /** @description There is more than one report holds */
            truncated: boolean;
            counts: {
                /** @description Of a dry run: what would be done something about */
                found: number;
                repaired: number;
                parked: number;
                /** @description Parked by an earlier one; nobody has decided yet */
                waits: number;
                /** @description Parked by an earlier one, and taken as it is by an operator */
                acknowledged: number;
                /** @description Nothing was done: a person has to */
                reported: number;
            };
        };
        Reconcile: {
            /**
             * @description Only look: nothing is repaired, nothing is parked
             * @default false
             */
            dryRun?: boolean;
            /** @description Since when; without it since the last complete one, once a day the last seven days */
            since?: string;
        };
        ReconciliationReport: components["schemas"]["Reconciliation"] & {
            drifts: {
                /** @enum {string} */
                name: "workflow-gone" | "workflow-ended-early" | "workflow-without-order" | "hold-overdue" | "hold-of-closed-order" | "parked-without-workflow" | "parked-row-stale" | "parked-row-missing" | "payment-unclaimed" | "payment-left-open" | "payment-without-order" | "capture-unknown" | "capture-missing" | "authorization-lost" | "payment-differs" | "refund-unknown" | "refund-missing" | "dispute-unknown" | "dispute-missing" | "stock-reserved-differs" | "stock-on-hand-differs" | "notice-overdue";
                /** @enum {string} */
                kind: "order" | "payment" | "refund" | "dispute" | "stock" | "notice" | "stranger";
                /** @description What it is about: an id of its kind */
                object: string;
                orderId: string | null;
                paymentId: string | null;
                /** @description What does not agree */
                found: string;
                /** @enum {string} */
                remedy: "restart" | "wake" | "tell" | "follow" | "park" | "unpark" | "mark-parked" | "report";
                /** @enum {string} */
                outcome: "found" | "repaired" | "parked" | "waits" | "acknowledged" | "reported";
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                seenAt: string;
            }[];
        };
        CustomerNoticeList: {
            items: components["schemas"]["CustomerNotice"][];
        };
        CustomerNotice: {
            /**
             * @description Its name among those of the order
             * @example shipped-1
             */
            name: string;
            /** @enum {string} */
            kind: "confirmed" | "rejected" | "cancelled" | "payment-action" | "payment-method" | "backorder-delayed" | "backorder-expired" | "amended" | "shipped" | "delivered" | "refunded" | "return-approved" | "return-rejected" | "return-received";
            /** @description Which shipment, refund, return, payment it is about */
            number: number | null;
            /**
             * @description waiting, sending; sent; refused by the mail server; failed, not sent in time; skipped, nobody or nothing to tell
             * @enum {string}
             */
            state: "waiting" | "sending" | "sent" | "refused" | "failed" | "skipped";
            /** @description How often it was to be sent */
            round: number;
            /** @description Tries of this round */
            attempts: number;
            /** @description Why the last try did not succeed: no address, no words of others */
            failure: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            attemptedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            settledAt: string | null;
            /**
             * Format: date-time
             * @description When it is given up
             * @example 2026-01-31T12:00:00.000Z
             */
            expiresAt: string;
            /** @description Who had it sent again */
            decidedBy: string | null;
            reason: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        ResendCustomerNotice: {
            reason: string;
        };
        Erasure: {
            id: string;
            /**
             * @description `waiting`: all that could be erased was; some orders still need what they hold, and are erased when they do not any more
             * @enum {string}
             */
            state: "running" | "waiting" | "finished";
            customerId: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            placedBefore: string;
            requestedBy: string;
            reason: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            requestedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            finishedAt: string | null;
            /**
             * @description How many rows were changed so far, by table; `orders`: how many orders were erased
             * @example {
             *       "orders": 3,
             *       "events": 7
             *     }
             */
            erased: {
                [key: string]: number;
            };
            waitingOrders: number;
            /** @description The first hundred of them: what each still needs it for, and when it is looked at again */
            waiting: {
                orderId: string;
                /** @enum {string} */
                because: "open" | "parked" | "refund" | "return" | "amendment" | "capture" | "dispute" | "answer" | "busy";
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                lookAt: string;
            }[];
            /** @description The provider’s ids of the first hundred customers that were made for these orders. Delete them there: nobody else does */
            providerCustomers: string[];
        };
        /** @description What all orders of this customer hold of a person is to be erased */
        Erase: {
            /** @example customer-42 */
            customerId: string;
            /**
             * @description Why, for whoever asks later: the number of a case, never a name
             * @example case 4711
             */
            reason: string;
            /** @description Only orders that were placed before; now when left out, or when it is later */
            placedBefore?: string;
        };
        ErasureList: {
            items: {
                id: string;
                /**
                 * @description `waiting`: all that could be erased was; some orders still need what they hold, and are erased when they do not any more
                 * @enum {string}
                 */
                state: "running" | "waiting" | "finished";
                customerId: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                placedBefore: string;
                requestedBy: string;
                reason: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                requestedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                finishedAt: string | null;
                /**
                 * @description How many rows were changed so far, by table; `orders`: how many orders were erased
                 * @example {
                 *       "orders": 3,
                 *       "events": 7
                 *     }
                 */
                erased: {
                    [key: string]: number;
                };
                waitingOrders: number;
            }[];
            nextCursor: string | null;
        };
        EventList: {
            items: components["schemas"]["Event"][];
        };
        Event: {
            eventId: string;
            /** @enum {string} */
            eventType: "order.placed" | "inventory.reserved" | "inventory.released" | "inventory.backordered" | "inventory.backorder_filled" | "inventory.backorder_delayed" | "inventory.backorder_expired" | "inventory.backorder_cancelled" | "order.review_requested" | "order.review_escalated" | "order.review_approved" | "order.review_rejected" | "order.review_expired" | "payment.action_required" | "payment.method_requested" | "payment.method_provided" | "payment.authorized" | "payment.captured" | "payment.capture_requested" | "payment.capture_completed" | "payment.capture_given_up" | "payment.released" | "payment.declined" | "payment.voided" | "payment.refunded" | "payment.disputed" | "payment.dispute_closed" | "refund.requested" | "refund.completed" | "refund.abandoned" | "return.requested" | "return.approved" | "return.rejected" | "return.delayed" | "return.expired" | "return.received" | "return.completed" | "return.exchanged" | "amendment.requested" | "order.amended" | "amendment.refused" | "order.confirmed" | "order.rejected" | "order.cancellation_requested" | "order.cancelled" | "order.parked" | "order.parked.reminder" | "order.resumed" | "order.shipped" | "order.delivered" | "shipment.planned" | "shipment.packed" | "shipment.created" | "shipment.dispatched" | "shipment.delivered" | "shipment.lost" | "shipment.returned" | "shipment.cancelled" | "shipment.delayed" | "shipment.accepted" | "shipment.withdrawn" | "shipment.given_back" | "inventory.restocked" | "order.recovered" | "order.personal_data_erased";
            eventVersion: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            timestamp: string;
            source: string;
            orderId: string;
            /** @description Counts within the order, without a gap */
            sequence: number;
            /** @description Counts over all orders, dense but for a gap behind each recovery; null until numbered */
            position: number | null;
            /** @description By type and version: GET /event-schemas/{eventType}/{eventVersion} is the JSON Schema of the whole event */
            data: {
                [key: string]: unknown;
            };
            metadata: {
                correlationId: string;
                /** @description The event of the order, or the command (`command:…`), that led to this one */
                causationId: string | null;
            };
        };
        CloudEvents: components["schemas"]["CloudEvent"][];
        CloudEvent: {
            /** @enum {string} */
            specversion: "1.0";
            id: string;
            source: string;
            /** @enum {string} */
            type: "order.placed" | "inventory.reserved" | "inventory.released" | "inventory.backordered" | "inventory.backorder_filled" | "inventory.backorder_delayed" | "inventory.backorder_expired" | "inventory.backorder_cancelled" | "order.review_requested" | "order.review_escalated" | "order.review_approved" | "order.review_rejected" | "order.review_expired" | "payment.action_required" | "payment.method_requested" | "payment.method_provided" | "payment.authorized" | "payment.captured" | "payment.capture_requested" | "payment.capture_completed" | "payment.capture_given_up" | "payment.released" | "payment.declined" | "payment.voided" | "payment.refunded" | "payment.disputed" | "payment.dispute_closed" | "refund.requested" | "refund.completed" | "refund.abandoned" | "return.requested" | "return.approved" | "return.rejected" | "return.delayed" | "return.expired" | "return.received" | "return.completed" | "return.exchanged" | "amendment.requested" | "order.amended" | "amendment.refused" | "order.confirmed" | "order.rejected" | "order.cancellation_requested" | "order.cancelled" | "order.parked" | "order.parked.reminder" | "order.resumed" | "order.shipped" | "order.delivered" | "shipment.planned" | "shipment.packed" | "shipment.created" | "shipment.dispatched" | "shipment.delivered" | "shipment.lost" | "shipment.returned" | "shipment.cancelled" | "shipment.delayed" | "shipment.accepted" | "shipment.withdrawn" | "shipment.given_back" | "inventory.restocked" | "order.recovered" | "order.personal_data_erased";
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            time: string;
            /** @description The order’s id */
            subject: string;
            /** @enum {string} */
            datacontenttype: "application/json";
            /** Format: uri */
            dataschema: string;
            /** @description Within the order, ten digits */
            sequence: string;
            /** @description Over all orders; absent until numbered */
            position?: string;
            correlationid: string;
            causationid?: string;
            data: {
                [key: string]: unknown;
            };
        };
        EventSchemaList: {
            items: {
                eventType: string;
                eventVersion: number;
                /** @description This is what is written and read; older ones are kept for who knows them */
                isNewest: boolean;
                description: string;
                /** @description Its JSON Schema */
                href: string;
            }[];
        };
        /** @description Another payment method for an order that waits for one */
        GivePaymentMethod: {
            /**
             * @description A payment method id of the provider, never a card number
             * @example pm_card_visa
             */
            paymentMethod: string;
        };
        PaymentAction: {
            /** @description The PaymentIntent at the provider */
            paymentId: string;
            /** @description For the customer's browser alone; never stored */
            clientSecret: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            until: string | null;
        };
        ShipmentList: {
            items: components["schemas"]["Shipment"][];
        };
        /** @description What was packed: refused where the shipment is to have other items by now, since its order was changed meanwhile */
        Packed: {
            items: {
                /** @example espresso-beans */
                sku: string;
                /** @example 2 */
                quantity: number;
            }[];
        };
        Product: {
            sku: string;
            name: string;
            /**
             * @description Integer minor units of the currency
             * @example 1250
             */
            priceMinor: number;
            /** @example EUR */
            currency: string;
            onHand: number;
            reserved: number;
            /** @description What is where; `onHand` and `reserved` are the sums */
            warehouses: {
                warehouse: string;
                onHand: number;
                reserved: number;
            }[];
        };
        PutProduct: {
            /** @example Espresso beans, 1 kg */
            name: string;
            /** @example 1890 */
            priceMinor: number;
            /** @example EUR */
            currency: string;
            /** @example 100 */
            onHand: number;
        };
        ProductList: {
            items: components["schemas"]["Product"][];
            nextCursor: string | null;
        };
        AdjustStock: {
            /** @example 25 */
            delta: number;
            /** @example delivery 4711 */
            reason: string;
            /**
             * @description Where; the warehouse `main` when left out
             * @example north
             */
            warehouse?: string;
        };
        BackorderList: {
            items: {
                orderId: string;
                /** @description Units that have not come yet */
                waitingQuantity: number;
                /** @description Units that have come since */
                filledQuantity: number;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                since: string;
            }[];
            nextCursor: string | null;
        };
        HoldList: {
            items: {
                orderId: string;
                warehouse: string;
                quantity: number;
                /**
                 * Format: date-time
                 * @description Until when it is meant to be held; its order decides
                 * @example 2026-01-31T12:00:00.000Z
                 */
                until: string;
            }[];
            nextCursor: string | null;
        };
        StockAdjustmentList: {
            items: {
                id: number;
                warehouse: string;
                delta: number;
                reason: string | null;
                /**
                 * Format: date-time
                 * @example 2026-01-31T12:00:00.000Z
                 */
                at: string;
            }[];
            nextCursor: string | null;
        };
        /** @description What nobody can say just now is null, which is not nothing */
        Queues: {
            /** @description Accepted orders that no workflow has taken up yet */
            launches: {
                /** @description Counted up to a limit */
                count: number;
                /** @description How long the oldest waits; null where none does */
                oldestSeconds: number | null;
            } | null;
            /** @description Events that have no position in the feed yet */
            feed: {
                /** @description Counted up to a limit */
                count: number;
                /** @description How long the oldest waits; null where none does */
                oldestSeconds: number | null;
            } | null;
            tasks: {
                queue: string;
                /** @enum {string} */
                kind: "workflow" | "activity";
                /** @description Tasks that wait in Temporal for a worker, about */
                backlog: number;
                oldestSeconds: number;
                /** @description Workers that have asked for its tasks lately */
                pollers: number;
            }[] | null;
        };
        Caller: {
            tenant: string;
            /** @description What stands beside whatever this key decides */
            actor: string;
            /** @description All that it may do, with what its scopes include */
            scopes: ("orders:read" | "orders:write" | "orders:cancel" | "orders:review" | "orders:review:escalated" | "orders:fulfil" | "operate" | "admin")[];
        };
        Warehouse: {
            id: string;
            name: string;
            /**
             * @description The lower the earlier it is chosen
             * @example 10
             */
            priority: number;
            ships: boolean;
        };
        PutWarehouse: {
            /** @example North, hall 2 */
            name: string;
            /**
             * @description The lower the earlier it is chosen
             * @example 10
             */
            priority: number;
            /**
             * @description Orders are served from it
             * @default true
             */
            ships?: boolean;
        };
        WarehouseList: {
            items: components["schemas"]["Warehouse"][];
        };
        CreatedWebhookSubscription: components["schemas"]["WebhookSubscription"] & {
            /**
             * @description Shown this once; it signs by the Standard Webhooks scheme
             * @example whsec_…
             */
            secret: string;
        };
        WebhookSubscription: {
            id: string;
            url: string;
            eventTypes: string[] | null;
            /** @enum {string} */
            format: "envelope" | "cloudevents";
            description: string | null;
            paused: boolean;
            /** @description Up to here the feed is divided into deliveries */
            position: number;
            /** @description Counted up to 10,000 */
            pending: number;
            /** @description They wait for a decision: resend or skip. Counted up to 10,000 */
            parked: number;
            /**
             * Format: date-time
             * @description Since when no message has got through
             * @example 2026-01-31T12:00:00.000Z
             */
            failingSince: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            updatedAt: string;
        };
        CreateWebhookSubscription: {
            /**
             * @description https; it is resolved for each message
             * @example https://shop.example/hooks
             */
            url: string;
            /**
             * @description Null: all
             * @default null
             */
            eventTypes?: ("order.placed" | "inventory.reserved" | "inventory.released" | "inventory.backordered" | "inventory.backorder_filled" | "inventory.backorder_delayed" | "inventory.backorder_expired" | "inventory.backorder_cancelled" | "order.review_requested" | "order.review_escalated" | "order.review_approved" | "order.review_rejected" | "order.review_expired" | "payment.action_required" | "payment.method_requested" | "payment.method_provided" | "payment.authorized" | "payment.captured" | "payment.capture_requested" | "payment.capture_completed" | "payment.capture_given_up" | "payment.released" | "payment.declined" | "payment.voided" | "payment.refunded" | "payment.disputed" | "payment.dispute_closed" | "refund.requested" | "refund.completed" | "refund.abandoned" | "return.requested" | "return.approved" | "return.rejected" | "return.delayed" | "return.expired" | "return.received" | "return.completed" | "return.exchanged" | "amendment.requested" | "order.amended" | "amendment.refused" | "order.confirmed" | "order.rejected" | "order.cancellation_requested" | "order.cancelled" | "order.parked" | "order.parked.reminder" | "order.resumed" | "order.shipped" | "order.delivered" | "shipment.planned" | "shipment.packed" | "shipment.created" | "shipment.dispatched" | "shipment.delivered" | "shipment.lost" | "shipment.returned" | "shipment.cancelled" | "shipment.delayed" | "shipment.accepted" | "shipment.withdrawn" | "shipment.given_back" | "inventory.restocked" | "order.recovered" | "order.personal_data_erased")[] | null;
            /**
             * @description How an event is written: our envelope, or a CloudEvent 1.0 in JSON
             * @default envelope
             * @enum {string}
             */
            format?: "envelope" | "cloudevents";
            /** @default null */
            description?: string | null;
            /**
             * @description Nothing is sent, and nothing is lost: it goes on where it stood
             * @default false
             */
            paused?: boolean;
            /** @description A position: what came after it is told too. Without: from now on */
            after?: number;
        };
        WebhookSubscriptionList: {
            items: components["schemas"]["WebhookSubscription"][];
        };
        ReplaceWebhookSubscription: {
            /**
             * @description https; it is resolved for each message
             * @example https://shop.example/hooks
             */
            url: string;
            /**
             * @description Null: all
             * @default null
             */
            eventTypes?: ("order.placed" | "inventory.reserved" | "inventory.released" | "inventory.backordered" | "inventory.backorder_filled" | "inventory.backorder_delayed" | "inventory.backorder_expired" | "inventory.backorder_cancelled" | "order.review_requested" | "order.review_escalated" | "order.review_approved" | "order.review_rejected" | "order.review_expired" | "payment.action_required" | "payment.method_requested" | "payment.method_provided" | "payment.authorized" | "payment.captured" | "payment.capture_requested" | "payment.capture_completed" | "payment.capture_given_up" | "payment.released" | "payment.declined" | "payment.voided" | "payment.refunded" | "payment.disputed" | "payment.dispute_closed" | "refund.requested" | "refund.completed" | "refund.abandoned" | "return.requested" | "return.approved" | "return.rejected" | "return.delayed" | "return.expired" | "return.received" | "return.completed" | "return.exchanged" | "amendment.requested" | "order.amended" | "amendment.refused" | "order.confirmed" | "order.rejected" | "order.cancellation_requested" | "order.cancelled" | "order.parked" | "order.parked.reminder" | "order.resumed" | "order.shipped" | "order.delivered" | "shipment.planned" | "shipment.packed" | "shipment.created" | "shipment.dispatched" | "shipment.delivered" | "shipment.lost" | "shipment.returned" | "shipment.cancelled" | "shipment.delayed" | "shipment.accepted" | "shipment.withdrawn" | "shipment.given_back" | "inventory.restocked" | "order.recovered" | "order.personal_data_erased")[] | null;
            /**
             * @description How an event is written: our envelope, or a CloudEvent 1.0 in JSON
             * @default envelope
             * @enum {string}
             */
            format?: "envelope" | "cloudevents";
            /** @default null */
            description?: string | null;
            /**
             * @description Nothing is sent, and nothing is lost: it goes on where it stood
             * @default false
             */
            paused?: boolean;
        };
        RotatedWebhookSecret: {
            /**
             * @description Shown this once; it signs by the Standard Webhooks scheme
             * @example whsec_…
             */
            secret: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            previousUntil: string;
        };
        RotateWebhookSecret: {
            /**
             * @description How long the secret of before signs too
             * @default 86400
             */
            overlapSeconds?: number;
        };
        WebhookPing: {
            delivered: boolean;
            status: number | null;
            failure: string | null;
            tookMs: number;
        };
        WebhookReplayAccepted: {
            /** @description Its deliveries carry this number */
            replay: number;
        };
        WebhookReplay: {
            /** @description A position, exclusive */
            after: number;
            /** @description A position, inclusive; what has not happened yet is no part of it */
            through: number;
        };
        WebhookDeliveryList: {
            items: components["schemas"]["WebhookDelivery"][];
            nextCursor: string | null;
        };
        WebhookDelivery: {
            id: number;
            eventId: string;
            eventType: string;
            orderId: string;
            position: number;
            replay: number;
            /** @enum {string} */
            state: "pending" | "delivered" | "parked" | "skipped";
            attempts: number;
            status: number | null;
            failure: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            attemptedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            settledAt: string | null;
            decidedBy: string | null;
            reason: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        DecideWebhookDelivery: {
            reason: string;
        };
        /** @description Payloads in the JSON form of Temporal’s API: their bytes are base64 */
        TemporalPayloads: {
            payloads: {
                metadata?: {
                    [key: string]: string;
                };
                data?: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listOrders: {
        parameters: {
            query?: {
                status?: "placed" | "reserved" | "confirmed" | "shipped" | "delivered" | "rejected" | "cancelled";
                /** @description Only parked orders, or only others */
                attention?: "true" | "false";
                /** @description Only orders that wait for this */
                waiting?: "review" | "customer" | "provider" | "stock" | "warehouse" | "carrier";
                customerId?: string;
                correlationId?: string;
                placedAfter?: string;
                placedBefore?: string;
                /** @description `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of orders */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    placeOrder: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
                /** @description `wait=N` (RFC 7240, at most 30 s) holds the answer until the order settles */
                prefer?: string;
                "x-correlation-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlaceOrder"];
            };
        };
        responses: {
            /** @description Settled within `Prefer: wait` */
            200: {
                headers: {
                    /** @description The order */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description Accepted: it is worked on exactly once */
            202: {
                headers: {
                    /** @description The order */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    countOrders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By status, by whom they wait for, and by parked step */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderCounts"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order */
            200: {
                headers: {
                    /** @description Its version, for the `If-Match` of a change: the sequence of its last event */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOrderActions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every deed; `whyNot` where it is not possible */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderActions"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainOrder: {
        parameters: {
            query?: {
                /** @description The same card as data, or to read */
                format?: "json" | "markdown";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The card of the order; also while Temporal is away */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                    "text/markdown": string;
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CancelOrder"];
            };
        };
        responses: {
            /** @description It ends cancelled once everything is undone, or parks when that can not be done; a repeat gets the same */
            202: {
                headers: {
                    /** @description The order */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAmendments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, the first first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmendmentList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    requestAmendment: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
                /** @description The `ETag` of the order as it was last read */
                "if-match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestAmendment"];
            };
        };
        responses: {
            /** @description Accepted: the order becomes what was asked for, or stays as it was and says why */
            202: {
                headers: {
                    /** @description The amendment */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Amendment"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAmendment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The amendment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Amendment"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reviewOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReviewOrder"];
            };
        };
        responses: {
            /** @description It is decided so, now or before: an approved order goes on to be charged, a rejected one ends `review.rejected` once its stock is free */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRefunds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, the first first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefundList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    requestRefund: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestRefund"];
            };
        };
        responses: {
            /** @description Accepted: it is given back once, or parks in front of a person */
            202: {
                headers: {
                    /** @description The refund */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRefund: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The refund */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReturns: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, the first first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReturnList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    requestReturn: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestReturn"];
            };
        };
        responses: {
            /** @description Asked: it waits for an answer, or parks in front of a person */
            202: {
                headers: {
                    /** @description The return */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Return"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReturn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The return */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Return"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approveReturn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideReturn"];
            };
        };
        responses: {
            /** @description Decided so, now or before: the return as it stands */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Return"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rejectReturn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideReturn"];
            };
        };
        responses: {
            /** @description Decided so, now or before: the return as it stands */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Return"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receiveReturn: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
            };
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReceiveReturn"];
            };
        };
        responses: {
            /** @description It is here. The refund of what came is under way, or `noRefund` says why there is none */
            200: {
                headers: {
                    /** @description The return */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Return"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resolveOrder: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResolveOrder"];
            };
        };
        responses: {
            /** @description Decided; the order goes on, or parks again when that does not help */
            202: {
                headers: {
                    /** @description The order */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResolution"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resolveMany: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResolveMany"];
            };
        };
        responses: {
            /** @description Dry run: how many parked steps match now, and those parked longest */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResolutionPreview"];
                };
            };
            /** @description Accepted for the parked steps that match now; a few are told at a time */
            202: {
                headers: {
                    /** @description Its progress */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resolution"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getResolution: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its progress */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resolution"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelResolution: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It ends after the orders under way */
            202: {
                headers: {
                    /** @description Its progress */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resolution"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReconciliations: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Reconciliation"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reconcile: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reconcile"];
            };
        };
        responses: {
            /** @description Accepted; its report grows while it runs */
            202: {
                headers: {
                    /** @description Its report */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReconciliation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReconciliationReport"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNotices: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, the first first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerNoticeList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resendNotice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResendCustomerNotice"];
            };
        };
        responses: {
            /** @description As it is now */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerNotice"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Contact"];
            };
        };
        responses: {
            /** @description It is kept, and not shown */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listErasures: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    requestErasure: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Erase"];
            };
        };
        responses: {
            /** @description Accepted: it is carried out at once, and of orders that are not over as soon as they are */
            202: {
                headers: {
                    /** @description How far it is */
                    Location?: string;
                    /** @description `true` on every answer but the first */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getErasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far it is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOrderEvents: {
        parameters: {
            query?: {
                /** @description The form of each event; of lists also by `Accept` */
                format?: "envelope" | "cloudevents";
            };
            header?: {
                /** @description Resume after this event (exclusive) */
                "last-event-id"?: number;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its events in sequence. A stream ends after the last */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                    "text/event-stream": string;
                    "application/cloudevents-batch+json": components["schemas"]["CloudEvents"];
                };
            };
            /** @description The stream that is to be resumed has ended: do not come back */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description A position; events after it (exclusive) */
                after?: number;
                /** @description Only these event types, separated by commas */
                type?: string;
                limit?: number;
                /** @description The form of each event; of lists also by `Accept` */
                format?: "envelope" | "cloudevents";
            };
            header?: {
                /** @description Resume after this event (exclusive) */
                "last-event-id"?: number;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events after the position */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                    "text/event-stream": string;
                    "application/cloudevents-batch+json": components["schemas"]["CloudEvents"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listEventSchemas: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where the schema of each is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventSchemaList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEventSchema: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type: string;
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It never changes in a way that breaks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/schema+json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAsyncApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    givePaymentMethod: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GivePaymentMethod"];
            };
        };
        responses: {
            /** @description It is tried next */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPaymentAction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description For the provider’s own script in the browser */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentAction"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receivePaymentNotice: {
        parameters: {
            query?: never;
            header?: {
                "stripe-signature"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Kept, or kept before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        received: true;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listShipments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By number; none before the order is confirmed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShipmentList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    packShipment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Packed"];
            };
        };
        responses: {
            /** @description Packed, now or before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Shipment"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receiveCarrierNotice: {
        parameters: {
            query?: never;
            header?: {
                "carrier-signature"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Kept, or kept before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        received: true;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sku: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The product */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sku: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutProduct"];
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listProducts: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of products */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listStockAdjustments: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                sku: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StockAdjustmentList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    adjustStock: {
        parameters: {
            query?: never;
            header: {
                /** @description Names one intent; a repeat gets the first answer */
                "idempotency-key": string;
            };
            path: {
                sku: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdjustStock"];
            };
        };
        responses: {
            /** @description The product afterwards */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBackorders: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                sku: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them, the first first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackorderList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHolds: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                sku: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them, by order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getQueues: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Of all tenants together */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queues"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCaller: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Caller"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putWarehouse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                warehouse: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutWarehouse"];
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Warehouse"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Warehouse"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWarehouses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The warehouses */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WarehouseList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhookSubscriptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Without their secrets */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSubscriptionList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createWebhookSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateWebhookSubscription"];
            };
        };
        responses: {
            /** @description With its secret, which is never shown again */
            201: {
                headers: {
                    /** @description The subscription */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhookSubscription"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhookSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSubscription"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceWebhookSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplaceWebhookSubscription"];
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSubscription"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWebhookSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateWebhookSecret"];
            };
        };
        responses: {
            /** @description The new secret, which is never shown again */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RotatedWebhookSecret"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pingWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How it went */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookPing"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replayWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookReplay"];
            };
        };
        responses: {
            /** @description It is told */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookReplayAccepted"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                state?: "pending" | "delivered" | "parked" | "skipped";
                orderId?: string;
                /** @description `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deliveries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDeliveryList"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resendWebhookDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                delivery: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideWebhookDelivery"];
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    skipWebhookDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                delivery: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideWebhookDelivery"];
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decodePayloads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemporalPayloads"];
            };
        };
        responses: {
            /** @description The same payloads, in the same order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemporalPayloads"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    encodePayloads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemporalPayloads"];
            };
        };
        responses: {
            /** @description The same payloads, in the same order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemporalPayloads"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The parts; `degraded` when one fails */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok" | "degraded";
                        parts: {
                            [key: string]: {
                                /** @enum {string} */
                                state: "ok" | "failing";
                                /**
                                 * Format: date-time
                                 * @example 2026-01-31T12:00:00.000Z
                                 */
                                since: string;
                                detail?: string;
                            };
                        };
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProviderHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One item per worker that was heard of lately */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @example stripe */
                            provider: string;
                            /**
                             * @description Host and process id
                             * @example orders-7f9c:17
                             */
                            worker: string;
                            /**
                             * @description `closed`: asked as usual. `open`: left alone. `half-open`: one probe is under way
                             * @enum {string}
                             */
                            state: "closed" | "half-open" | "open";
                            /**
                             * Format: date-time
                             * @example 2026-01-31T12:00:00.000Z
                             */
                            since: string;
                            /** @description Failures in a row that left an outcome unknown */
                            failures: number;
                            lastFailure?: string;
                        }[];
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}

// What a customer was told by mail, for an operator: whether it was sent, and once more. Where it went to is in no answer.
import { Scope } from '../../domain/scope.ts';
import type { NoticeDesk } from '../../ports/customer-notice.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { orderParams } from '../schemas/fields.ts';
import { contact, noticeListSchema, noticeParams, noticeSchema, resendNoticeBody } from '../schemas/notice.ts';

type Dependencies = { customerNotices: NoticeDesk };

export const customerNoticeRoutes = (dependencies: Dependencies): Route[] => [
  list(dependencies),
  resend(dependencies),
  replaceContact(dependencies),
];

const list = ({ customerNotices }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/notices',
    operationId: 'listNotices',
    scope: Scope.operate,
    tag: 'orders',
    summary: 'What its customer was told by mail, and what is still to be',
    params: orderParams,
    answers: { 200: { description: 'All of them, the first first', schema: noticeListSchema } },
    problems: ['order-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      const items = await customerNotices.list({ tenant, orderId: id });
      if (!items) throw unknownOrder();
      res.json({ items });
    },
  });

const resend = ({ customerNotices }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/notices/{name}/resend',
    operationId: 'resendNotice',
    scope: Scope.operate,
    tag: 'orders',
    summary: 'Send it (again), as another mail, as soon as a worker sends mails',
    params: noticeParams,
    body: resendNoticeBody,
    answers: { 202: { description: 'As it is now', schema: noticeSchema } },
    problems: ['order-not-found', 'notice-not-found', 'notice-open'],
    handle: async ({ params: { id, name }, body: { reason } }, { res, caller: { tenant, actor } }) => {
      const answer = await customerNotices.resend({ tenant, orderId: id, name, actor, reason });
      if ('notice' in answer) return void res.status(202).json(answer.notice);
      if (answer.refused === 'open')
        throw new Problem('notice-open', `It is ${answer.state}: it is tried again by itself`);
      if ((await customerNotices.list({ tenant, orderId: id })) === null) throw unknownOrder();
      throw new Problem('notice-not-found', 'The order has no such notice');
    },
  });

const replaceContact = ({ customerNotices }: Dependencies): Route =>
  defineRoute({
    method: 'put',
    path: '/orders/{id}/contact',
    operationId: 'putContact',
    scope: Scope.operate,
    tag: 'orders',
    summary: 'Whom its notices go to from now on: one that was refused is sent by `resend` afterwards',
    params: orderParams,
    body: contact,
    answers: { 204: { description: 'It is kept, and not shown' } },
    problems: ['order-not-found'],
    handle: async ({ params: { id }, body: { email, name = null, locale = null } }, { res, caller: { tenant } }) => {
      const isKept = await customerNotices.replaceContact({ tenant, orderId: id, contact: { email, name, locale } });
      if (!isKept) throw unknownOrder();
      res.status(204).end();
    },
  });

const unknownOrder = (): Problem => new Problem('order-not-found', 'No order has this id');

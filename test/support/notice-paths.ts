// Every way the workflow of a notice can go, each driven for real, for the recording: what becomes of its mail is no business of a history.
import { sendNoticeId } from '../../src/contracts/send-notice.ts';
import type { MailServer } from './mail-server.ts';
import { noticeOf, placeFor } from './noticing.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

export type NoticePath = { name: string; walk: (stack: Stack, server: MailServer) => Promise<{ workflowId: string }> };

export const noticePaths: readonly NoticePath[] = [
  {
    name: 'notice-put-off-then-sent',
    walk: async (stack, server) => {
      server.feel('full');
      const { id } = await placeFor(stack);
      const failure = async (): Promise<unknown> => (await noticeOf(stack, id, 'confirmed'))?.failure;
      await until(async () => (await failure()) === 'DATA: 452 4.3.1 (EMESSAGE)', 'it is put off');
      server.feel('well');
      const workflowId = sendNoticeId({ orderId: id, name: 'confirmed', round: 1 });
      await stack.temporal.workflow.getHandle(workflowId).result();
      return { workflowId };
    },
  },
];

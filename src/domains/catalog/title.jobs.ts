import type { Handler } from '../../infra/event-handler.ts'
import { forgetCatalogue } from './catalogue.service.ts'

type TitleEvent = 'title.created' | 'title.updated' | 'title.deleted'

/**
 * Forgets again what the writer of a title forgets as soon as it has committed: one that was killed in between left every
 * other process with what it had kept. Whole families, since by now nothing knows the slug that a title had, or the story
 * that it left. To do it twice costs some reading anew.
 */
export const forgetTitleAgain = {
  id: 'forget-kept-title',
  queue: 'catalog',
  handle: (ctx) => forgetCatalogue(ctx),
} as const satisfies { id: string; queue: string; handle: Handler<TitleEvent> }

import { tidyTexts } from '../lib/text.ts'

/** preValidation hook: tidies the texts of a body before its schema sees them, so that what is checked is what is kept. */
export function tidyBody(request: { body: unknown }, _reply: unknown, done: () => void): void {
  request.body = tidyTexts(request.body)
  done()
}

import type { AppError } from '../../lib/errors.ts'
import { invalidField } from '../../lib/errors.ts'

const imageHost = 'https://res.cloudinary.com'

/** The cloud of an image store's address, `cloudinary://key:secret@cloud`. */
const cloudOf = (storeUrl: string): string => new URL(storeUrl).hostname

/** Whether an address is that of an image in the store, in the one form that the store itself gives it. */
function isOwnImage(address: string, storeUrl: string): boolean {
  if (!URL.canParse(address)) return false
  const { href, search, hash } = new URL(address)
  // What a browser would read differently from how it is written (dots, backslashes, blanks) has another href.
  return href === address && search === '' && hash === '' && href.startsWith(`${imageHost}/${cloudOf(storeUrl)}/image/`)
}

/**
 * Why an account may not have this avatar; another site's image would tell that site who looks at the profile.
 * @param storeUrl the image store; without one there is no image that could be ours
 */
export function avatarProblem(address: string | null | undefined, storeUrl: string | undefined): AppError | null {
  if (address === null || address === undefined) return null
  if (storeUrl === undefined) {
    return invalidField('body.avatar_url', 'can only be null here: this server has no image store')
  }
  if (isOwnImage(address, storeUrl)) return null
  return invalidField('body.avatar_url', 'must be the address of an image that was uploaded here')
}

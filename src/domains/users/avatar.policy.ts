import type { AppError } from '../../lib/errors.ts'
import { invalidField } from '../../lib/errors.ts'

const imageHost = 'https://res.cloudinary.com'

/** The cloud of an image store's address, `cloudinary://key:secret@cloud`. */
const cloudOf = (storeUrl: string): string => new URL(storeUrl).hostname

/** The folder of the store that has an account's avatars, and nobody else's. */
const avatarFolder = (userId: string): string => `lemonnpie/avatars/${userId}`

/**
 * What stands between the cloud and the folder: the version of an upload, and nothing else. The store also fetches what
 * others show (`/image/fetch/https://…`, `l_fetch:…`), and makes new images by what stands in the path.
 */
const upload = /^\/image\/upload\/(?:v\d{1,12}\/)?$/
const imageName = /^\/[A-Za-z0-9_-]{1,100}\.(?:jpg|jpeg|png|webp|avif)$/

/** Whether an address is that of an avatar of an account's own, as it was uploaded. */
function isOwnAvatar(address: string, storeUrl: string, userId: string): boolean {
  const cloud = `${imageHost}/${cloudOf(storeUrl)}`
  const folder = avatarFolder(userId)
  const at = address.indexOf(folder)
  return (
    address.startsWith(cloud) &&
    at > cloud.length &&
    upload.test(address.slice(cloud.length, at)) &&
    imageName.test(address.slice(at + folder.length))
  )
}

/**
 * Why an account may not have this avatar: another site's image would tell that site who looks at the profile, and
 * somebody else's would go when they replace it.
 * @param storeUrl the image store; without one there is no image that could be ours
 */
export function avatarProblem(
  address: string | null | undefined,
  storeUrl: string | undefined,
  userId: string,
): AppError | null {
  if (address === null || address === undefined) return null
  if (storeUrl === undefined) {
    return invalidField('body.avatar_url', 'can only be null here: this server has no image store')
  }
  if (isOwnAvatar(address, storeUrl, userId)) return null
  return invalidField('body.avatar_url', 'must be the address of an avatar that you uploaded here')
}

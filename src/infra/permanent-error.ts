/** Trying again would not help: a job that throws it is dead at once. */
export class PermanentError extends Error {
  override name = 'PermanentError'
}

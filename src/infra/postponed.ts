/** Not now: a job that throws it is begun again after so many milliseconds, and that is no failed attempt. */
export class Postponed extends Error {
  override name = 'Postponed'
  readonly milliseconds: number
  constructor(milliseconds: number) {
    super(`postponed for ${milliseconds} ms`)
    this.milliseconds = milliseconds
  }
}

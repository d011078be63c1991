/** A failure that the person at the terminal can mend: its message says all that there is to say. */
export class SeedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SeedError'
  }
}

/** Milliseconds of the machine's one clock: the same in every process, and never set back. */
export const clock = (): number => Number(process.hrtime.bigint()) / 1e6

/** What is being done, for whoever waits: one line that is rewritten on a terminal, a line a step elsewhere. */
export interface Progress {
  /** A step begins. */
  readonly step: (text: string) => void
  /** The step's state; elsewhere than on a terminal it is shown at most every five seconds. */
  readonly update: (text: string) => void
  /** Nothing more is shown: the terminal's line is cleared. */
  readonly end: () => void
}

const clearLine = '\r\u001b[2K'
const quietMilliseconds = 5000

export function openProgress(stream: NodeJS.WriteStream): Progress {
  if (stream.isTTY) {
    const show = (text: string): void =>
      void stream.write(`${clearLine}${text.slice(0, Math.max(20, stream.columns - 1))}`)
    return { step: show, update: show, end: () => void stream.write(clearLine) }
  }
  let shownAt = 0
  const show = (text: string): void => {
    shownAt = performance.now()
    stream.write(`${text}\n`)
  }
  return {
    step: show,
    update: (text) => {
      if (performance.now() - shownAt >= quietMilliseconds) show(text)
    },
    end: () => {},
  }
}

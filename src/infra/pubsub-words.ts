/** Sends words, each once, joined by commas: at once, or together with all that come while a message is on its way. */
export interface WordSender {
  /** Resolves when they are sent. Never rejects: false says that they could not be. */
  send(channel: string, words: readonly string[]): Promise<boolean>
}

interface Waiting {
  readonly words: Set<string>
  readonly sent: Promise<boolean>
}

/** @param mostWords words in one message, which must stay small enough to be sent */
export function openWordSender(
  publish: (channel: string, message: string) => Promise<boolean>,
  mostWords: number,
): WordSender {
  const busy = new Map<string, Promise<unknown>>()
  const waiting = new Map<string, Waiting>()

  async function sendAll(channel: string, words: readonly string[]): Promise<boolean> {
    let all = true
    for (let at = 0; at < words.length; at += mostWords) {
      all = (await publish(channel, words.slice(at, at + mostWords).join(','))) && all
    }
    return all
  }

  function begin(channel: string, words: readonly string[]): Promise<boolean> {
    const sending = sendAll(channel, words).finally(() => {
      if (busy.get(channel) === sending) busy.delete(channel)
    })
    busy.set(channel, sending)
    return sending
  }

  return {
    send(channel, words) {
      const before = busy.get(channel)
      if (!before) return begin(channel, [...new Set(words)])
      const next = waiting.get(channel)
      if (next) {
        for (const word of words) next.words.add(word)
        return next.sent
      }
      const gathered = new Set(words)
      const sent = before.then(() => {
        waiting.delete(channel)
        return begin(channel, [...gathered])
      })
      waiting.set(channel, { words: gathered, sent })
      return sent
    },
  }
}

import { setTimeout as wait } from 'node:timers/promises'
import { buildApp } from './app.ts'
import type { Config } from './config.ts'
import { runProcess, StartError } from './infra/run-process.ts'

/** Milliseconds from saying «not ready» to closing the door: time for a load balancer to look elsewhere. */
const noticeMilliseconds = (config: Config): number => (config.NODE_ENV === 'production' ? 2_000 : 0)

const cannotListen = (error: NodeJS.ErrnoException, { HOST, PORT }: Config): unknown => {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${PORT} on ${HOST} is taken. Stop what uses it, or choose another one: PORT=${PORT + 1}`,
    EACCES: `Port ${PORT} needs rights that this process does not have. Choose one above 1023: PORT=3000`,
    EADDRNOTAVAIL: `${HOST} is no address of this machine. Choose another one with HOST.`,
    ENOTFOUND: `${HOST} is no address of this machine. Choose another one with HOST.`,
  }
  const reason = reasons[error.code ?? '']
  return reason === undefined ? error : new StartError(reason)
}

await runProcess('lemonnpie-api', async (ctx) => {
  const { config } = ctx
  const app = await buildApp(ctx)
  await app
    .listen({ host: config.HOST, port: config.PORT, listenTextResolver: (address) => `the API is up at ${address}` })
    .catch((error) => {
      throw cannotListen(error as NodeJS.ErrnoException, config)
    })
  return async () => {
    app.closing.announce()
    await wait(noticeMilliseconds(config))
    await app.close()
  }
})

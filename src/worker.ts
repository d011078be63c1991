import { runProcess } from './infra/run-process.ts'
import { startHeartbeat } from './worker/heartbeat.ts'
import { startSchedules } from './worker/schedules.ts'
import { subscribers } from './worker/subscribers.ts'

const heartbeatMilliseconds = 10_000

await runProcess('lemonnpie-worker', async (ctx) => {
  const heartbeat = startHeartbeat(ctx, heartbeatMilliseconds)
  const scheduled = startSchedules(ctx)
  const events = Object.values(subscribers)
  ctx.log.info({ events: events.length, subscribers: events.flat().length }, 'the worker is up')
  return async () => {
    await scheduled.stop()
    await heartbeat.stop()
  }
})

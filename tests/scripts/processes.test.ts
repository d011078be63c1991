import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningProcess, startProcess } from '../support/child-process.ts'
import { cloneDatabase } from '../support/databases.ts'

const nowhere = 'postgres://127.0.0.1:1/nowhere'
const started: RunningProcess[] = []
const start = (file: string, env: Record<string, string>): RunningProcess => {
  const made = startProcess(file, { LOG_LEVEL: 'info', ...env })
  started.push(made)
  return made
}

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL')
    await ended()
  }
})

const production = {
  NODE_ENV: 'production',
  JWT_SECRET: 'a secret of its own, of 32 characters or more',
  PUBLIC_URL: 'https://api.lemonnpie.example',
  MAIL_FROM: 'no-reply@lemonnpie.example',
  SMTP_URL: 'smtp://127.0.0.1:9',
}
const address = /the API is up at (http:\/\/[\d.:]+)/

describe.each(['src/server.ts', 'src/worker.ts'])('%s', (file) => {
  it('does not start with a wrong configuration, and names all that is wrong without its value', async () => {
    const wrong = start(file, { PORT: 'hunter2', JWT_SECRET: 'hunter3', RATE_LIMIT: 'maybe' })
    expect(await wrong.ended()).toBe(1)
    expect(wrong.output()).toBe('')
    for (const name of ['PORT', 'JWT_SECRET', 'RATE_LIMIT', 'DATABASE_URL']) expect(wrong.errors()).toContain(name)
    expect(wrong.errors()).not.toContain('hunter')
    expect(wrong.errors()).not.toContain('    at ')
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly on %s', async (signal) => {
    const running = start(file, { DATABASE_URL: await cloneDatabase(), PORT: '0' })
    await running.until(/is up/)
    running.child.kill(signal)
    expect(await running.ended()).toBe(0)
    expect(running.output()).toContain('"msg":"closed"')
    expect(running.errors()).toBe('')
  })

  it('measures itself for Prometheus', async () => {
    const running = start(file, { DATABASE_URL: await cloneDatabase(), PORT: '0', METRICS_PORT: '0' })
    const [, api, worker] = await running.until(/the API is up at (http:[^"\s]+)|"metrics":"(http:[^"]+)"/)
    const text = await (await fetch(worker ?? `${api}/metrics`)).text()
    expect(text).toMatch(/^lemonnpie_nodejs_eventloop_lag_p99_seconds \d/m)
    expect(text).toMatch(/^lemonnpie_process_cpu_seconds_total \d/m)
  })

  it('starts, and ends cleanly, without its database', async () => {
    const running = start(file, { DATABASE_URL: nowhere, PORT: '0' })
    await running.until(/is up/)
    running.child.kill('SIGTERM')
    expect(await running.ended()).toBe(0)
  })
})

describe('the API', () => {
  it('answers until it is told to stop', async () => {
    const running = start('src/server.ts', { DATABASE_URL: await cloneDatabase({ seeded: true }), PORT: '0' })
    const [, origin] = await running.until(address)
    const answer = await fetch(`${origin}/api/v1/movies?limit=1`)
    expect(answer.status).toBe(200)
    const requestId = answer.headers.get('x-request-id')
    await running.until(new RegExp(`"request_id":"${requestId}"[^\\n]*"route":"/api/v1/movies"`))
    running.child.kill('SIGTERM')
    expect(await running.ended()).toBe(0)
    await expect(fetch(`${origin}/health/live`)).rejects.toThrow()
  })

  it('says that its port is taken and how to choose another', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const refused = start('src/server.ts', { DATABASE_URL: nowhere, PORT: String(port) })
    expect(await refused.ended()).toBe(1)
    expect(refused.errors().trim()).toBe(
      `Port ${port} on 127.0.0.1 is taken. Stop what uses it, or choose another one: PORT=${port + 1}`,
    )
    other.close()
  })

  it('says that its host is none of this machine', async () => {
    const refused = start('src/server.ts', { DATABASE_URL: nowhere, HOST: '192.0.2.1', PORT: '0' })
    expect(await refused.ended()).toBe(1)
    expect(refused.errors()).toContain('192.0.2.1 is no address of this machine')
  })

  it('ends at once on a second signal', async () => {
    const running = start('src/server.ts', {
      DATABASE_URL: nowhere,
      PORT: '0',
      ...production,
    })
    await running.until(address)
    running.child.kill('SIGTERM')
    await running.until(/"msg":"closing"/)
    running.child.kill('SIGTERM')
    expect(await running.ended()).toBe(1)
  })

  it('is not ready before it is gone, in production', async () => {
    const running = start('src/server.ts', {
      DATABASE_URL: await cloneDatabase(),
      PORT: '0',
      ...production,
    })
    const [, origin] = await running.until(address)
    expect((await fetch(`${origin}/health/ready`)).status).toBe(200)
    running.child.kill('SIGTERM')
    await running.until(/"msg":"closing"/)
    const notReady = await fetch(`${origin}/health/ready`)
    expect(notReady.status).toBe(503)
    expect(await notReady.json()).toMatchObject({ status: 'closing' })
    expect((await fetch(`${origin}/api/v1/genres`)).status).toBe(200)
    expect(await running.ended()).toBe(0)
  })
})

describe('the worker', () => {
  it('logs when the database does not answer, once', async () => {
    const running = start('src/worker.ts', { DATABASE_URL: nowhere })
    await running.until(/the database does not answer/)
    running.child.kill('SIGTERM')
    expect(await running.ended()).toBe(0)
    expect(running.output().match(/the database does not answer/g)).toHaveLength(1)
  })
})

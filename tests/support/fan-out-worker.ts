// Started as a process of its own by a test: a worker with all subscribers, whose jobs another takes over soon once it is dead.
import { loadConfig, processEnvironment } from '../../src/config.ts'
import { openContext } from '../../src/context.ts'
import { openQueues } from '../../src/infra/queues.ts'
import { startDelivery } from '../../src/worker/delivery.ts'
import { subscribers } from '../../src/worker/subscribers.ts'

const ctx = await openContext(loadConfig(processEnvironment()), 'lemonnpie-fan-out')
startDelivery(ctx, subscribers, { queues: openQueues(ctx, { lock: 5_000, stalledInterval: 500 }) })

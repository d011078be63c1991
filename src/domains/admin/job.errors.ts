import { defineError } from '../../lib/errors.ts'

export const jobNotDead = defineError('job_not_dead', 409, 'This job is not dead any more: somebody was quicker.')

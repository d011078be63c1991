import type { FastifyRequest } from 'fastify'
import { type Config, commaList } from '../config.ts'

type Settings = Pick<Config, 'PUBLIC_URL' | 'WEB_ORIGINS'>

/** Where pages of ours come from, whoever else may call the API. */
export const ownOrigins = (request: FastifyRequest, { PUBLIC_URL }: Settings): string[] => [
  `${request.protocol}://${request.host}`,
  ...(PUBLIC_URL === undefined ? [] : [new URL(PUBLIC_URL).origin]),
]

/** Whether an Origin header names a page of ours: of the API itself, or of WEB_ORIGINS. */
export const isKnownOrigin = (request: FastifyRequest, config: Settings, origin: string): boolean =>
  commaList(config.WEB_ORIGINS).includes(origin) || ownOrigins(request, config).includes(origin)

// A Fastify server with one route that sends the bytes of a file: what an answer costs when nothing is done for it.
import { readFileSync } from 'node:fs'
import Fastify from 'fastify'

const [file, contentType = 'application/json; charset=utf-8'] = process.argv.slice(2)
if (!file) throw new Error('usage: bare-server.ts FILE [CONTENT-TYPE]')
const bytes = readFileSync(file)
const app = Fastify()
app.get('/', (_request, reply) => reply.header('content-type', contentType).send(bytes))
process.stdout.write(`${await app.listen({ port: 0, host: '127.0.0.1' })}\n`)
process.once('SIGTERM', () => app.close())

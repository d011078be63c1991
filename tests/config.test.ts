import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, commaList, loadConfig } from '../src/config.ts'
import { defaultJwtSecret, environmentSchema, examplePushKey } from '../src/environment.ts'

const minimal = { DATABASE_URL: 'postgres://someone@localhost/lemonnpie' }
const production = {
  ...minimal,
  NODE_ENV: 'production',
  JWT_SECRET: 'a secret of production, long enough',
  SMTP_URL: 'smtp://mail',
  PUBLIC_URL: 'https://api.lemonnpie.example',
  MAIL_FROM: 'LemonNPie <no-reply@lemonnpie.example>',
}
const push = {
  VAPID_PUBLIC_KEY: 'B'.repeat(87),
  VAPID_PRIVATE_KEY: 'C'.repeat(43),
  VAPID_SUBJECT: 'mailto:push@lemonnpie.example',
}

function problemsOf(source: Record<string, string>): readonly string[] {
  try {
    loadConfig(source)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('the configuration', () => {
  it('has a default for everything but the database', () => {
    expect(loadConfig(minimal)).toMatchObject({ NODE_ENV: 'development', PORT: 3000, RATE_LIMIT: 'on', DEMO: 'off' })
    expect(problemsOf({})).toEqual(['DATABASE_URL is required'])
  })

  it('converts numbers, takes an empty variable as not set, and is frozen', () => {
    const config = loadConfig({ ...minimal, PORT: '8080', REDIS_URL: '', UNRELATED: 'x' })
    expect(config.PORT).toBe(8080)
    expect(config.REDIS_URL).toBeUndefined()
    expect(Object.isFrozen(config)).toBe(true)
    expect(config).not.toHaveProperty('UNRELATED')
  })

  it('lists every problem at once, by name', () => {
    const problems = problemsOf({
      DATABASE_URL: 'mysql://x',
      PORT: '99999',
      LOG_LEVEL: 'loud',
      JWT_SECRET: 'short',
      WEB_ORIGINS: 'lemonnpie.example',
      TRUST_PROXY: 'everybody',
      DATABASE_POOL_MAX: 'many',
    })
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'DATABASE_POOL_MAX',
      'DATABASE_URL',
      'JWT_SECRET',
      'LOG_LEVEL',
      'PORT',
      'TRUST_PROXY',
      'WEB_ORIGINS',
    ])
  })

  it.each([
    ['PORT', '3e3'],
    ['PORT', '1.9'],
    ['PORT', ' 80'],
    ['DATABASE_URL', 'postgres://localhost:99999/lemonnpie'],
    ['REDIS_URL', 'redis://:secret@:bad'],
    ['PUBLIC_URL', 'https://%%'],
    ['WEB_ORIGINS', 'https://lemonnpie.example:99999'],
    ['WEB_ORIGINS', 'https://someone@lemonnpie.example'],
    ['SMTP_URL', 'smtp://u:50%off@mail'],
    ['SMTP_URL', 'smtp://100%@mail'],
    ['SMTP_URL', 'smtp:///mail'],
    ['DATABASE_URL', 'postgres://u:50%off@localhost/lemonnpie'],
    ['DATABASE_URL', 'postgres://localhost/50%off'],
    ['DATABASE_READ_URL', 'postgres://u:50%off@replica/lemonnpie'],
    ['REDIS_URL', 'redis://:50%off@localhost'],
    ['QUEUE_REDIS_URL', 'rediss://u%zz:x@localhost'],
    ['CLOUDINARY_URL', 'cloudinary://key:50%off@cloud'],
    ['MAIL_FROM', 'LemonNPie'],
    ['MAIL_FROM', 'LemonNPie <no-reply>'],
    ['MAIL_FROM', 'Lemon, Pie <no-reply@lemonnpie.example>'],
    ['MAIL_FROM', 'a@lemonnpie.example, b@lemonnpie.example'],
    ['MAIL_FROM', 'LemonNPie <no-reply@lemonnpie.example>\r\nBcc: all@lemonnpie.example'],
    ['TRUST_PROXY', '999.1.1.1'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '::1/129'],
  ])('refuses what looks right and cannot be used: %s=%s', (name, value) => {
    expect(problemsOf({ ...minimal, [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} `))])
  })

  it.each([
    ['SMTP_URL', 'smtp://u:50%25off@mail:587'],
    ['MAIL_FROM', 'no-reply@lemonnpie.example'],
    ['MAIL_FROM', '"Lemon, Pie" <no-reply@lemonnpie.example>'],
    ['MAIL_FROM', 'Lemọ́n & Pie <no-reply@localhost>'],
  ] as const)('takes %s=%s', (name, value) => {
    expect(loadConfig({ ...minimal, [name]: value })[name]).toBe(value)
  })

  it('takes addresses and blocks of both families', () => {
    const TRUST_PROXY = '10.0.0.0/8, 192.168.1.1,::1, fd00::/8'
    expect(loadConfig({ ...minimal, TRUST_PROXY }).TRUST_PROXY).toBe(TRUST_PROXY)
  })

  it('never tells a value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(environmentSchema.properties)), (name) => {
        const value = 'Kpakujemu-9f2c'
        expect(problemsOf({ ...minimal, [name]: value }).join('\n')).not.toContain(value)
      }),
    )
  })

  it('refuses in production defaults of ours, the demo accounts and a missing rate limit', () => {
    expect(problemsOf(production)).toEqual([])
    expect(problemsOf({ ...minimal, NODE_ENV: 'production' })).toEqual([
      'JWT_SECRET must not be the default one in production',
      'PUBLIC_URL is required in production: the links of mails lead there',
      'MAIL_FROM must be an address of your own in production',
      'SMTP_URL is required in production (or MAIL_DIR, to keep mails as files)',
    ])
    expect(problemsOf({ ...production, SMTP_URL: '', MAIL_DIR: '/var/mail' })).toEqual([])
    expect(problemsOf({ ...production, ...push })).toEqual([])
    expect(problemsOf({ ...production, ...push, VAPID_PRIVATE_KEY: examplePushKey })).toEqual([
      'VAPID_PRIVATE_KEY must not be the example in production: npm run keys:push makes one',
    ])
    expect(problemsOf({ ...production, ...push, VAPID_SUBJECT: '' })).toEqual([
      'VAPID_SUBJECT must be an address of your own in production with VAPID keys',
    ])
    expect(problemsOf({ ...production, JWT_SECRET: defaultJwtSecret, DEMO: 'on', RATE_LIMIT: 'off' })).toHaveLength(3)
  })

  it('describes every variable, for the docs made from it', () => {
    for (const schema of Object.values(environmentSchema.properties)) expect(schema.description).toMatch(/\.$/)
  })
})

describe('a list with commas', () => {
  it('drops blanks', () => {
    expect(commaList(' a, b,,c ')).toEqual(['a', 'b', 'c'])
    expect(commaList('')).toEqual([])
  })
})

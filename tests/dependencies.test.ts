import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string } & Partial<Manifest>>>
}

const readJson = <T>(name: string): T => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')) as T
const manifest = readJson<Manifest>('package.json')
const lock = readJson<Lock>('package-lock.json')

/** Least versions that are free of known advisories. They bind wherever the package stands in the tree. */
const least = { fastify: '5.12.2', 'fast-jwt': '6.2.4', ws: '8.21.0', '@fastify/static': '10.1.1' }

const compareVersions = (a: string, b: string): number => {
  const numbers = (version: string) => (version.split('-')[0] ?? '').split('.').map(Number)
  const [left, right] = [numbers(a), numbers(b)]
  return [0, 1, 2].map((place) => (left[place] ?? 0) - (right[place] ?? 0)).find((difference) => difference !== 0) ?? 0
}

const tooOld = (packages: Lock['packages'], minimum: Readonly<Record<string, string>>): string[] =>
  Object.entries(packages).flatMap(([path, { version = '0.0.0' }]) => {
    const name = path.split('node_modules/').at(-1) ?? ''
    const wanted = minimum[name]
    return wanted && compareVersions(version, wanted) < 0 ? [`${path} ${version} < ${wanted}`] : []
  })

describe('dependencies', () => {
  it('are new enough for known advisories', () => {
    expect(tooOld(lock.packages, least)).toEqual([])
  })

  it('would be refused when they are too old, anywhere in the tree', () => {
    const packages = {
      'node_modules/fastify': { version: '5.12.1' },
      'node_modules/ws': { version: '8.21.0' },
      'node_modules/a/node_modules/ws': { version: '8.9.30' },
      'node_modules/@fastify/static': { version: '11.0.0' },
    }
    expect(tooOld(packages, least)).toEqual([
      'node_modules/fastify 5.12.1 < 5.12.2',
      'node_modules/a/node_modules/ws 8.9.30 < 8.21.0',
    ])
  })

  it('are pinned exactly', () => {
    const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(?:-[0-9a-z.]+)?$/.test(version),
    )
    expect(ranges).toEqual([])
  })

  it('are in the lock file as package.json says, which `npm install` does not insist on', () => {
    const root = lock.packages['']
    expect(root?.dependencies).toEqual(manifest.dependencies)
    expect(root?.devDependencies).toEqual(manifest.devDependencies)
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version)
    }
  })
})

import type { Metrics } from './metrics.ts'

interface ReadCounters {
  memory(): void
  redis(): void
  joined(): void
  miss(): void
}

/** Counters of reads by family, looked up once: a hit costs less than finding its labels. */
export function openReadCounters(metrics: Metrics): (family: string) => ReadCounters {
  const byFamily = new Map<string, ReadCounters>()
  return (family) => {
    const known = byFamily.get(family)
    if (known !== undefined) return known
    const counter = (outcome: string) => {
      const { inc } = metrics.cacheReads.labels({ family, outcome })
      return () => inc()
    }
    const counters = {
      memory: counter('memory'),
      redis: counter('redis'),
      joined: counter('joined'),
      miss: counter('miss'),
    }
    byFamily.set(family, counters)
    return counters
  }
}

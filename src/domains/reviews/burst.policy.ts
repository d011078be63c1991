/** How the reviews of a title came in, as far as a burst can be told from it. */
export interface Arrivals {
  /** All counted reviews of the title by rating, 1 first, those in `recent` among them. */
  readonly rating_counts: readonly number[]
  /** The newest of them, newest first: hours ago, and the rating. */
  readonly recent: ReadonlyArray<readonly [age: number, rating: number]>
  /** Hours since the first counted review. */
  readonly oldest_age: number
  /** Hours since the release; null where the day is not known. */
  readonly release_age: number | null
  /** Hours since a moderator decided on the last burst: what came before was looked at. */
  readonly decided_age: number | null
}

export type Extreme = 'low' | 'high'

export interface Burst {
  readonly extreme: Extreme
  /** Hours ago that it began. */
  readonly from_age: number
  readonly window_hours: number
  /** Reviews in the window, those of them at the extreme, and how many of those the title's own history lets expect. */
  readonly reviews: number
  readonly extremes: number
  readonly expected: number
}

/** docs/review-bombing.md says what each stands for and how they were found. */
export const burstFigures = {
  windows: [1, 6, 24, 72, 168],
  /** Fewer reviews at one end than this are never a burst. */
  floor: 15,
  /** Honest surges of a few times the usual rate are common: the variance of counts is μ + μ²/dispersion. */
  dispersion: 4,
  /** Reviews per hour that any title may get, added to its own rate. */
  idleRate: 1 / 48,
  ratePValue: 1e-6,
  /** Shares of ratings 1–2 and 9–10 over all titles, and how many reviews they weigh in a title's own. */
  prior: { low: 0.12, high: 0.33, weight: 8 },
  shapePValue: 1e-4,
  /** The least share of the window at one end, and by how much it must be above the title's own. */
  share: { low: 0.5, high: 0.82 },
  shift: 0.35,
  /** Around the release a high rate says nothing, so the shape must say all. */
  premiere: { hoursBefore: 72, hoursAfter: 21 * 24, floor: 40, share: { low: 0.78, high: 0.93 } },
} as const
export type BurstFigures = typeof burstFigures

/** ln Γ(x) for x > 0, by Stirling's series after shifting x past 8; good to eight digits. */
function lnGamma(x: number): number {
  let shift = 0
  let z = x
  for (; z < 8; z += 1) shift -= Math.log(z)
  const inverse = 1 / (z * z)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / z
  return shift + (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series
}

/** The chance of `count` or more where `mean` are expected, negative binomial of this dispersion. */
export function countTail(count: number, mean: number, dispersion: number): number {
  const q = mean / (mean + dispersion)
  const start = lnGamma(count + dispersion) - lnGamma(dispersion) - lnGamma(count + 1)
  let term = Math.exp(start + count * Math.log(q) + dispersion * Math.log(1 - q))
  let sum = 0
  for (let k = count; k < count + 100_000; k += 1) {
    sum += term
    term *= ((k + dispersion) / (k + 1)) * q
    if (term < sum * 1e-9 && k > mean) break
  }
  return Math.min(1, sum)
}

/** The chance of `hits` or more of `n` where a + b earlier ones had `a` hits, beta-binomial. */
export function shareTail(hits: number, n: number, a: number, b: number): number {
  const lnBeta = (x: number, y: number) => lnGamma(x) + lnGamma(y) - lnGamma(x + y)
  let sum = 0
  for (let k = hits; k <= n; k += 1) {
    const lnChoose = lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1)
    sum += Math.exp(lnChoose + lnBeta(k + a, n - k + b) - lnBeta(a, b))
  }
  return Math.min(1, sum)
}

const isAt = (extreme: Extreme, rating: number): boolean => (extreme === 'low' ? rating <= 2 : rating >= 9)

const countAt = (extreme: Extreme, ratingCounts: readonly number[]): number =>
  ratingCounts.reduce((sum, count, index) => (isAt(extreme, index + 1) ? sum + count : sum), 0)

const isPremiere = ({ release_age: age, oldest_age: oldest }: Arrivals, { premiere }: BurstFigures): boolean =>
  age === null
    ? oldest < premiere.hoursAfter
    : (age >= -premiere.hoursBefore && age <= premiere.hoursAfter) || oldest < premiere.hoursBefore

interface Window {
  readonly hours: number
  readonly reviews: ReadonlyArray<readonly [age: number, rating: number]>
}

function burstIn(
  arrivals: Arrivals,
  { hours, reviews }: Window,
  extreme: Extreme,
  figures: BurstFigures,
): Burst | null {
  const { prior, premiere } = figures
  const atExtreme = reviews.filter(([, rating]) => isAt(extreme, rating))
  const n = reviews.length
  const x = atExtreme.length
  const opening = isPremiere(arrivals, figures)
  const [floor, least] = opening ? [premiere.floor, premiere.share[extreme]] : [figures.floor, figures.share[extreme]]
  if (x < floor || x < least * n) return null

  // The title's own history is what was there before the window.
  const total = arrivals.rating_counts.reduce((sum, count) => sum + count, 0)
  const before = Math.max(0, total - n)
  const hits = Math.max(0, countAt(extreme, arrivals.rating_counts) - x) + prior[extreme] * prior.weight
  const misses = before + prior.weight - hits
  const ownShare = hits / (before + prior.weight)
  if (x / n - ownShare < figures.shift) return null

  // The rate is that of late: the span of the reviews that were read, as far as it lies before the window.
  const oldestRead = Math.min(arrivals.oldest_age, arrivals.recent.at(-1)?.[0] ?? 0)
  const span = Math.max(oldestRead - hours, 0)
  const read = arrivals.recent.length - n
  const rate = figures.idleRate + (span > 24 ? read / span : before / Math.max(24, arrivals.oldest_age - hours))
  const expected = rate * hours * ownShare
  if (!opening && countTail(x, expected, figures.dispersion) > figures.ratePValue) return null
  if (shareTail(x, n, hits, misses) > figures.shapePValue) return null
  const from = atExtreme.at(-1)![0]
  return { extreme, from_age: from, window_hours: hours, reviews: n, extremes: x, expected }
}

/**
 * Whether the last hours of a title are far outside its own history: far more ratings at one end of the scale than its
 * rate lets expect, and far more of them among all than it ever had. The longest window in which that holds is the burst.
 */
export function findBurst(arrivals: Arrivals, figures: BurstFigures = burstFigures): Burst | null {
  for (const hours of figures.windows.toReversed()) {
    const span = Math.min(hours, arrivals.decided_age ?? hours)
    const reviews = arrivals.recent.filter(([age]) => age < span)
    for (const extreme of ['low', 'high'] as const) {
      const burst = burstIn(arrivals, { hours: span, reviews }, extreme, figures)
      if (burst) return burst
    }
  }
  return null
}

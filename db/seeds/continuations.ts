/** Sequels whose titles carry no number, so that no rule can tell them from remakes: id → what it continues, as which part. */
export const continuations: Readonly<Record<string, { readonly of: string; readonly number: number }>> = {
  'wives-on-strike-the-revolution-2017': { of: 'wives-on-strike-2016', number: 2 },
  'omo-ghetto-the-saga-2020': { of: 'omo-ghetto-2010', number: 2 },
  'anikulapo-rise-of-the-spectre-2024': { of: 'anikulapo-2022', number: 2 },
  'oloture-the-journey-2024': { of: 'oloture-2019', number: 2 },
}

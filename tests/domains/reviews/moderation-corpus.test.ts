import { beforeAll, describe, expect, it } from 'vitest'
import { getWordList } from '../../../src/domains/reviews/automatic-moderation.queries.ts'
import { type CompiledWords, entriesOf, findWords, indexWords } from '../../../src/domains/reviews/word-list.policy.ts'
import { type TestContext, testContext } from '../../support/context.ts'
import { figuresOf, judge, moderationCases } from '../../support/moderation-corpus.ts'

let ctx: TestContext
let list: CompiledWords

beforeAll(async () => {
  ctx = await testContext()
  const { words, allowed } = await getWordList(ctx.db)
  list = indexWords(words.flatMap(entriesOf), allowed)
  return () => ctx[Symbol.asyncDispose]()
})

const judged = () => moderationCases().map((each) => ({ ...each, assessment: judge(list, each.text, each.facts) }))

describe('the corpus of cases', () => {
  it('is a few hundred, in every language, false alarms among them', () => {
    const cases = moderationCases()
    expect(cases.length).toBeGreaterThan(350)
    for (const language of ['en', 'pcm', 'yo', 'ig', 'ha']) {
      const own = cases.filter((each) => each.language === language)
      expect(own.filter(({ verdict }) => verdict === 'approved').length, language).toBeGreaterThan(20)
      expect(own.filter(({ verdict }) => verdict === 'pending').length, language).toBeGreaterThan(15)
    }
  })

  it.each(['en', 'pcm', 'yo', 'ig', 'ha'])('is judged as a person would in %s', (language) => {
    const own = judged().filter((each) => each.language === language && !each.held_out)
    const figures = figuresOf(own.map(({ verdict, assessment }) => ({ expected: verdict, got: assessment.status })))
    expect(figures.precision).toBeGreaterThanOrEqual(0.95)
    expect(figures.recall).toBeGreaterThanOrEqual(0.95)
  })

  it('is judged well where the rules were not fitted to it', () => {
    const own = judged().filter((each) => each.held_out)
    const figures = figuresOf(own.map(({ verdict, assessment }) => ({ expected: verdict, got: assessment.status })))
    expect(figures.precision).toBeGreaterThanOrEqual(0.85)
    expect(figures.recall).toBeGreaterThanOrEqual(0.85)
  })

  it('is judged for the reasons that a person would give', () => {
    const caught = judged().filter(
      ({ verdict, assessment }) => verdict === 'pending' && assessment.status === 'pending',
    )
    const wrong = caught.filter(
      ({ reasons, assessment }) => !reasons.every((code) => assessment.reasons.some((reason) => reason.code === code)),
    )
    expect(wrong.length / caught.length).toBeLessThan(0.05)
    expect(caught.every(({ assessment }) => assessment.reasons.every(({ note }) => note.length > 5))).toBe(true)
  })
})

describe('texts made to take long', () => {
  it.each(['f.u.c.k ', '“', 'a-', 'f**k ', '!', 'www.', '0803', "'a ", 'a@', 'http://', 'oloshi ', '||', 'ọ̀'])(
    'of 5,000 characters of %j are judged without a walk back and forth',
    (part) => {
      const text = part.repeat(5000).slice(0, 5000)
      expect(judge(list, text).score).toBeGreaterThanOrEqual(0)
      expect(findWords(list, text).length).toBeLessThanOrEqual(200)
    },
  )
})

describe('what a word is', () => {
  it('is not the middle of another', () => {
    for (const text of ['Scunthorpe and Penistone', 'the assassin passes', 'Shitakunmi wrote it', 'a cockatoo']) {
      expect(findWords(list, text), text).toEqual([])
    }
  })

  it('is the same with and without marks, composed or not, and with hooks', () => {
    for (const text of ['olóríburúkú', 'oloriburuku', 'olóríburúkú'.normalize('NFD'), 'OLÓRÍBURÚKÚ', 'olorıburuku']) {
      expect(
        findWords(list, text).map(({ word }) => word.word),
        text,
      ).toEqual(['olóríburúkú'])
    }
    for (const text of ['ɗan iska', 'dan iska', 'ƊAN ISKA', 'daniska']) {
      expect(
        findWords(list, text).map(({ word }) => word.word),
        text,
      ).toEqual(['ɗan iska'])
    }
  })

  it('is told from another by its marks where they matter', () => {
    expect(findWords(list, 'òbò').length).toBe(1)
    expect(findWords(list, 'ọ̀bọ')).toEqual([])
    expect(findWords(list, 'They were late')).toEqual([])
    expect(findWords(list, 'wèrè').length).toBe(1)
  })

  it('is found behind digits, dots, blanks, stars, long letters and letters of other alphabets', () => {
    for (const text of [
      'b1tch',
      'b.i.t.c.h',
      'b i t c h',
      'b*tch',
      'biiiiitch',
      'bіtch',
      'ｂｉｔｃｈ',
      'b\u200bitch',
    ]) {
      expect(
        findWords(list, text).map(({ word }) => word.word),
        text,
      ).toEqual(['bitch'])
    }
  })

  it('is none in an allowed phrase, in a name of the catalogue, or as a name of the title', () => {
    expect(findWords(list, 'Dick Van Dyke dances')).toEqual([])
    const dick = 'Dick and Dick and Dick and Dick and Dick, dyke of a town'
    expect(judge(list, dick).score).toBeGreaterThan(0.5)
    expect(judge(list, dick, { title_names: ['dick tracy', 'town dyke'] }).score).toBeLessThan(0.5)
    expect(judge(list, 'the retarded bastard, a film', { names: ['the retarded bastard'] }).score).toBe(0)
    expect(judge(list, 'the bastard bitch', { names: ['bastard', 'bitch'] }).status).toBe('pending')
  })
})

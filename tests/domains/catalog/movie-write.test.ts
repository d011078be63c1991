import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { actorWith, type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeGenre, makeLanguage, makePerson, makeTitle } from '../../support/factories.ts'

let ctx: TestContext
let app: App

type Body = Record<string, unknown>
const send = (method: 'POST' | 'PUT' | 'DELETE', path: string, payload?: Body) =>
  app.inject({ method, url: `/api/v1${path}`, ...(payload ? { payload } : {}) })
const get = async (path: string) => (await app.inject({ url: `/api/v1${path}` })).json()
const create = async (payload: Body, path = '/movies') => {
  const answer = await send('POST', path, payload)
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json()
}
const change = async (id: string, payload: Body, path = '/movies') => {
  const answer = await send('PUT', `${path}/${id}`, payload)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
const wrongFields = async (method: 'POST' | 'PUT', path: string, payload: Body): Promise<string[]> => {
  const answer = await send(method, path, payload)
  expect(answer.statusCode, answer.body).toBe(422)
  return answer.json().details.map(({ field }: { field: string }) => field)
}
const events = async (movieId: string) =>
  (
    await ctx.db
      .selectFrom('outbox_events')
      .select('name')
      .where(sql`payload ->> 'movie_id'`, '=', movieId)
      .orderBy('id')
      .execute()
  ).map(({ name }) => name)
const unknownId = '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77'

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { actor: actorWith('admin') })
  for (const slug of ['comedy', 'crime', 'drama']) await makeGenre(ctx.db, slug)
  for (const code of ['en', 'ig', 'pcm', 'yo']) await makeLanguage(ctx.db, code)
  return () => ctx[Symbol.asyncDispose]()
})

describe('adding a title', () => {
  it('takes everything in the one body', async () => {
    await makePerson(ctx.db, 'Fúnké Akíndélé')
    const answer = await send('POST', '/movies', {
      title: ' A Tribe Called Judah ',
      local_title: null,
      release_date: '2023-12-15',
      runtime: 134,
      plot_summary: 'Five sons\r\nby five fathers.',
      production_state: 'Lagos',
      box_office_ng: '₦1.4 billion',
      classification: '15',
      genres: ['drama', 'comedy'],
      languages: ['en', 'pcm'],
      companies: ['FAAN', 'Second House'],
      aliases: [
        { name: 'ATCJ', kind: 'retitle' },
        { name: 'Ẹ̀yà Juda', kind: 'local', language: 'yo' },
      ],
      cast: [
        { name: 'Funke Akindele', character: 'Jedidah Judah' },
        { name: 'Timini Egbuson', character: 'Pere Judah' },
      ],
      crew: [
        { name: 'funke akindele', role: 'director' },
        { name: 'Adeoluwa Owu', role: 'director' },
        { name: 'Funke Akindele', role: 'producer' },
      ],
    })
    expect(answer.statusCode, answer.body).toBe(201)
    const movie = answer.json()
    expect(answer.headers.location).toBe(`/api/v1/movies/${movie.id}`)
    expect(movie).toMatchObject({
      slug: 'a-tribe-called-judah-2023',
      type: 'movie',
      title: 'A Tribe Called Judah',
      release_year: 2023,
      release_precision: 'day',
      plot_summary: 'Five sons\nby five fathers.',
      genres: [{ slug: 'comedy' }, { slug: 'drama' }],
      languages: [{ code: 'en' }, { code: 'pcm' }],
      companies: ['FAAN', 'Second House'],
      aliases: [
        { name: 'ATCJ', kind: 'retitle', language: null },
        { name: 'Ẹ̀yà Juda'.normalize('NFC'), kind: 'local', language: 'yo' },
      ],
      directors: [{ name: 'Fúnké Akíndélé' }, { name: 'Adeoluwa Owu', slug: 'adeoluwa-owu' }],
      cast: [
        { person: { name: 'Fúnké Akíndélé' }, character: 'Jedidah Judah', billing_order: 0 },
        { person: { name: 'Timini Egbuson', slug: 'timini-egbuson' }, character: 'Pere Judah', billing_order: 1 },
      ],
      stats: { review_count: 0 },
    })
    expect(await get('/movies/a-tribe-called-judah-2023')).toEqual(movie)
    expect(await events(movie.id)).toEqual(['title.created'])
    const stats = await ctx.db
      .selectFrom('movie_stats')
      .select(['popularity', 'trending'])
      .where('movie_id', '=', movie.id)
      .executeTakeFirstOrThrow()
    expect(stats.popularity).toBeGreaterThan(0.2)
    expect(stats.trending).toBeGreaterThan(0)
  })

  it('needs no more than a title', async () => {
    expect(await create({ title: 'Untold' }, '/series')).toMatchObject({
      slug: 'untold',
      type: 'series',
      release_date: null,
      release_year: null,
      release_precision: 'unknown',
      cast: [],
      genres: [],
    })
  })

  it.each([
    [{ release_year: 1992 }, { release_date: null, release_year: 1992, release_precision: 'year' }],
    [{ release_date: '2018-10-26' }, { release_date: '2018-10-26', release_year: 2018, release_precision: 'day' }],
    [
      { release_date: '2018-10-01', release_precision: 'month' },
      { release_date: '2018-10-01', release_year: 2018, release_precision: 'month' },
    ],
  ])('knows of a release %j', async (given, known) => {
    expect(await create({ title: `Release ${JSON.stringify(given)}`, ...given })).toMatchObject(known)
  })

  it.each([
    [{ release_date: '2018-10-26', release_year: 2019 }, 'body.release_year'],
    [{ release_date: '1801-01-01' }, 'body.release_date'],
    [{ release_date: '2018-02-30' }, 'body.release_date'],
    [{ release_date: '2018-10-26', release_precision: 'year' }, 'body.release_precision'],
    [{ release_date: '2018-10-26', release_precision: 'month' }, 'body.release_date'],
    [{ release_year: 2018, release_precision: 'day' }, 'body.release_precision'],
    [{ title: '   ' }, 'body.title'],
    [{ title: '\u200B\u2060' }, 'body.title'],
    [{ title: 'a\u202Eb' }, 'body.title'],
    [{ title: 'a\u0000b' }, 'body.title'],
    [{ colour: 'red' }, 'body.colour'],
    [{ runtime: '90' }, 'body.runtime'],
    [{ poster_url: 'javascript:alert(1)' }, 'body.poster_url'],
    [{ slug: 'featured' }, 'body.slug'],
    [{ slug: unknownId }, 'body.slug'],
    [{ genres: ['drama', 'nosuch'] }, 'body.genres.1'],
    [{ languages: ['zz'] }, 'body.languages.0'],
    [{ aliases: [{ name: 'X', kind: 'local', language: 'zz' }] }, 'body.aliases.0.language'],
    [
      {
        aliases: [
          { name: 'X', kind: 'local' },
          { name: 'X', kind: 'retitle' },
        ],
      },
      'body.aliases.1.name',
    ],
    [{ cast: [{ character: 'Nobody' }] }, 'body.cast.0'],
    [{ cast: [{ name: 'A', person_id: unknownId }] }, 'body.cast.0'],
    [{ cast: [{ person_id: unknownId }] }, 'body.cast.0.person_id'],
    [{ crew: [{ name: '!!!', role: 'director' }] }, 'body.crew.0.name'],
    [{ cast: [{ name: 'Twice Told' }, { name: 'TWICE TOLD' }] }, 'body.cast.1'],
    [{ part_of: unknownId, part_number: 2 }, 'body.part_of'],
    [{ part_of: unknownId }, 'body.part_number'],
  ])('refuses %j, naming %s, and keeps nothing of it', async (given, field) => {
    expect(await wrongFields('POST', '/movies', { title: 'Refused', ...given })).toContain(field)
    expect((await app.inject('/api/v1/movies/refused')).statusCode).toBe(404)
    expect((await app.inject('/api/v1/people/twice-told')).statusCode).toBe(404)
  })

  it('names every wrong field at once', async () => {
    const fields = await wrongFields('POST', '/movies', { runtime: 0, classification: 'X', genres: ['No Slug'] })
    expect(fields.sort()).toEqual(['body.classification', 'body.genres.0', 'body.runtime', 'body.title'])
  })

  it('refuses a second one of the same title and year, however accented', async () => {
    await create({ title: 'Òlòtūré', release_year: 2019 })
    const answer = await send('POST', '/movies', { title: 'Oloture', release_year: 2019 })
    expect([answer.statusCode, answer.json().error]).toEqual([409, 'title_exists'])
    expect((await create({ title: 'Oloture', release_year: 2024 })).slug).toBe('oloture-2024')
  })

  it('lets a series have the name of a film of the same year, once', async () => {
    await create({ title: 'Shanty Town', release_year: 2023 })
    expect((await create({ title: 'Shanty Town', release_year: 2023 }, '/series')).slug).toBe('shanty-town-2023-series')
    expect((await send('POST', '/series', { title: 'Shanty Town', release_year: 2023 })).statusCode).toBe(409)
  })

  it('takes a slug of one’s own, unless it is somebody else’s', async () => {
    expect((await create({ title: 'Shanty Town', slug: 'shanty-town-remake' })).slug).toBe('shanty-town-remake')
    const answer = await send('POST', '/series', { title: 'Other', slug: 'shanty-town-remake' })
    expect([answer.statusCode, answer.json().error]).toEqual([409, 'slug_taken'])
  })

  it('makes slugs of titles that have none in them', async () => {
    expect((await create({ title: 'Featured' })).slug).toBe('featured-title')
    expect((await create({ title: unknownId })).slug).toBe(`${unknownId}-title`)
    expect((await get(`/movies/${unknownId}-title`)).title).toBe(unknownId)
    expect((await create({ title: '???', release_year: 2020 })).slug).toMatch(/^title-[0-9a-f]{8}-2020$/)
  })

  it('asks who is meant where several people have a name', async () => {
    const { id } = await makePerson(ctx.db, 'John Okafor')
    const other = await ctx.db
      .insertInto('people')
      .values({ name: 'Jọ́hn Okafor', slug: 'john-okafor-younger' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const body = { title: 'Mr Ibu', cast: [{ name: 'John Okafor' }] }
    expect(await wrongFields('POST', '/movies', body)).toEqual(['body.cast.0.name'])
    const { cast } = await create({ title: 'Mr Ibu', cast: [{ person_id: id }, { person_id: other.id.toUpperCase() }] })
    expect(cast.map((credit: { person: { id: string } }) => credit.person.id)).toEqual([id, other.id])
  })

  it('knows people by their other names, and gives a new one a slug of their own', async () => {
    const { id } = await makePerson(ctx.db, 'Osita Iheme')
    await ctx.db.insertInto('person_aliases').values({ person_id: id, name: 'Pawpaw' }).execute()
    await ctx.db.insertInto('people').values({ name: 'Somebody Else', slug: 'new-face' }).execute()
    const { cast } = await create({ title: 'Aki na Ukwa', cast: [{ name: 'PAWPAW' }, { name: 'New Face' }] })
    expect(cast[0].person.id).toBe(id)
    expect(cast[1].person).toMatchObject({ name: 'New Face', slug: 'new-face-2' })
  })

  it('adds a new person once when two titles name them at the same time', async () => {
    const [one, two] = await Promise.all(
      ['One', 'Two'].map((name) => create({ title: `Rush ${name}`, cast: [{ name: 'Brand New' }] })),
    )
    expect(one.cast[0].person.id).toBe(two.cast[0].person.id)
  })

  it('lets one of two identical titles win', async () => {
    const answers = await Promise.all([1, 2].map(() => send('POST', '/movies', { title: 'Race', release_year: 2001 })))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409])
  })
})

describe('changing a title', () => {
  it('changes what is named, clears by null, replaces lists and leaves the rest', async () => {
    const { id } = await create({
      title: 'Changing',
      release_year: 2010,
      runtime: 90,
      genres: ['drama', 'crime'],
      languages: ['en'],
      companies: ['Old House'],
      aliases: [{ name: 'Chg', kind: 'retitle' }],
      cast: [{ name: 'First Actor' }],
      crew: [{ name: 'First Director', role: 'director' }],
    })
    const changed = await change(id, {
      runtime: null,
      plot_summary: 'New.',
      genres: ['comedy', 'drama'],
      companies: [],
      aliases: [],
      crew: [{ name: 'Second Director', role: 'director' }],
    })
    expect(changed).toMatchObject({
      id,
      slug: 'changing-2010',
      title: 'Changing',
      release_year: 2010,
      runtime: null,
      plot_summary: 'New.',
      genres: [{ slug: 'comedy' }, { slug: 'drama' }],
      languages: [{ code: 'en' }],
      companies: [],
      aliases: [],
      cast: [{ person: { name: 'First Actor' } }],
      crew: [{ person: { name: 'Second Director' } }],
    })
    expect((await change(id, { cast: [], genres: [], languages: [] })).cast).toEqual([])
    expect(await events(id)).toEqual(['title.created', 'title.updated', 'title.updated'])
  })

  it('is seen at once wherever the title was shown before', async () => {
    const { id, slug } = await create({
      title: 'Cached',
      release_year: 1999,
      genres: ['crime'],
      cast: [{ name: 'Cached Actor' }],
    })
    const paths = [`/movies/${id}`, `/movies/${slug}?include=similar`, '/movies?year=1999', '/people/cached-actor']
    for (const path of paths) expect(JSON.stringify(await get(path))).toContain('"runtime":null')
    const before = (await get('/genres')).data.find((genre: { slug: string }) => genre.slug === 'crime').movie_count
    await change(id, { runtime: 77, genres: [] })
    for (const path of paths) expect(JSON.stringify(await get(path)), path).toContain('"runtime":77')
    const after = (await get('/genres')).data.find((genre: { slug: string }) => genre.slug === 'crime').movie_count
    expect(after).toBe(before - 1)
  })

  it('of the title or year gives a new slug, and the old one leads to it', async () => {
    const { id } = await create({ title: 'Working Title', release_year: 2024 })
    expect((await app.inject('/api/v1/movies/working-title-2024')).statusCode).toBe(200)
    expect((await change(id, { title: 'Everybody Loves Jenifa' })).slug).toBe('everybody-loves-jenifa-2024')
    const moved = await app.inject('/api/v1/movies/working-title-2024')
    expect([moved.statusCode, moved.headers.location]).toEqual([308, '/api/v1/movies/everybody-loves-jenifa-2024'])
    expect((await change(id, { title: 'Working Title' })).slug).toBe('working-title-2024')
    expect((await app.inject('/api/v1/movies/everybody-loves-jenifa-2024')).statusCode).toBe(308)
    expect((await change(id, { slug: 'jenifa' })).slug).toBe('jenifa')
    expect((await app.inject('/api/v1/movies/working-title-2024')).headers.location).toBe('/api/v1/movies/jenifa')
  })

  it('refuses a slug or a name that is taken', async () => {
    await create({ title: 'Taken', release_year: 2000 })
    const { id } = await create({ title: 'Wanting', release_year: 2000 })
    expect((await send('PUT', `/movies/${id}`, { slug: 'taken-2000' })).json().error).toBe('slug_taken')
    expect((await send('PUT', `/movies/${id}`, { title: 'Taken' })).json().error).toBe('title_exists')
    expect((await get(`/movies/${id}`)).title).toBe('Wanting')
  })

  it('keeps what is known of a release in line', async () => {
    const { id } = await create({ title: 'Dated', release_date: '2018-10-01', release_precision: 'month' })
    expect(await change(id, { runtime: 80 })).toMatchObject({ release_precision: 'month' })
    expect(await wrongFields('PUT', `/movies/${id}`, { release_year: 2019 })).toEqual(['body.release_year'])
    expect(await change(id, { release_date: null })).toMatchObject({ release_year: 2018, release_precision: 'year' })
    expect(await change(id, { release_year: null })).toMatchObject({ release_precision: 'unknown', slug: 'dated' })
  })

  it('of nothing is a change of nothing', async () => {
    const { id, ...movie } = await create({ title: 'Same', release_year: 2005 })
    expect(await change(id, {})).toEqual({ id, ...movie, version: 2, updated_at: expect.any(String) })
  })

  it('works for many editors at once, whatever they swap', async () => {
    const lists = [['comedy', 'crime'], ['drama'], ['crime', 'drama'], ['comedy']]
    const made = await Promise.all(
      lists.map((genres, index) => create({ title: `Swap ${index}`, genres, cast: [{ name: `Extra ${index % 2}` }] })),
    )
    const changes = made.flatMap(({ id }, index) =>
      lists.map((_, step) =>
        send('PUT', `/movies/${id}`, {
          genres: lists[(index + step) % 4],
          cast: [{ name: `Extra ${step}` }, { name: `Extra ${index}` }].slice(0, step === index ? 1 : 2),
        }),
      ),
    )
    expect((await Promise.all(changes)).map(({ statusCode }) => statusCode)).toEqual(changes.map(() => 200))
    const { rows } = await sql`
      select slug from genres g
      where movie_count <> (
        select count(*) from movie_genres mg join movies m on m.id = mg.movie_id
        where mg.genre_id = g.id and m.type = 'movie')`.execute(ctx.db)
    expect(rows).toEqual([])
  })

  it('refuses what is not there, of the other type, or no id', async () => {
    const { id, slug } = await create({ title: 'Only a Film' })
    expect((await send('PUT', `/series/${id}`, {})).statusCode).toBe(404)
    expect((await send('PUT', `/movies/${unknownId}`, {})).statusCode).toBe(404)
    expect(await wrongFields('PUT', `/movies/${slug}`, {})).toEqual(['params.movie_id'])
    expect(await wrongFields('PUT', `/movies/${id}`, { title: null })).toEqual(['body.title'])
  })
})

describe('the version of a title', () => {
  const edit = (method: 'PUT' | 'DELETE', id: string, tag: string, payload?: Body) =>
    app.inject({
      method,
      url: `/api/v1/movies/${id}`,
      headers: { 'if-match': tag },
      ...(payload ? { payload } : {}),
    })
  const tagOf = async (name: string, headers: Record<string, string> = {}) =>
    (await app.inject({ url: `/api/v1/movies/${name}`, headers })).headers.etag as string

  it('grows with every change of it or of one of its lists, and its ETag carries it', async () => {
    const made = await send('POST', '/movies', { title: 'Versioned', cast: [{ name: 'Versioned Actor' }] })
    const { id, slug, version } = made.json()
    expect([version, made.headers.etag]).toEqual([1, '"v1"'])
    const changes = [{ runtime: 90 }, { genres: ['drama'] }, { languages: ['yo'] }, { cast: [] }, { aliases: [] }]
    for (const [index, payload] of changes.entries()) {
      const changed = await send('PUT', `/movies/${id}`, payload)
      expect([changed.json().version, changed.headers.etag]).toEqual([index + 2, `"v${index + 2}"`])
    }
    // Read twice: as it is loaded, and as it is kept.
    for (const name of [id, slug, id, slug]) expect(await tagOf(name)).toMatch(/^"v6-[\w-]{22}"$/)
    expect(await tagOf(slug, { 'accept-encoding': 'gzip' })).toMatch(/^W\/"v6-/)
    expect(await tagOf(`${id}?include=similar,reviews`)).toMatch(/^"v6-/)
    expect((await get(`/movies/${slug}`)).version).toBe(6)
  })

  it('that an editor has read is all they change: a stale If-Match is a 409 and changes nothing', async () => {
    const { id } = await create({ title: 'Two Editors', release_year: 2011 })
    const read = await tagOf(id)
    expect((await edit('PUT', id, read, { runtime: 100 })).statusCode).toBe(200)
    for (const [method, payload] of [['PUT', { title: 'Overwritten' }], ['DELETE']] as const) {
      const stale = await edit(method, id, read, payload)
      expect([stale.statusCode, stale.json().error], method).toEqual([409, 'stale_version'])
    }
    expect(await get(`/movies/${id}`)).toMatchObject({ title: 'Two Editors', runtime: 100, version: 2 })
    expect(await events(id)).toEqual(['title.created', 'title.updated'])
    expect((await edit('PUT', id, 'v2', { runtime: 1 })).json().error).toBe('bad_request')
    expect((await edit('PUT', id, `"v1", W/${await tagOf(id)}`, { runtime: 101 })).statusCode).toBe(200)
    expect((await edit('PUT', id, '*', { runtime: 102 })).statusCode).toBe(200)
    expect((await edit('DELETE', id, await tagOf(id))).statusCode).toBe(204)
    expect((await edit('DELETE', id, '"v4"')).statusCode).toBe(404)
  })

  it('lets one of two editors win who read the same', async () => {
    const { id } = await create({ title: 'Race of Editors' })
    const answers = await Promise.all([81, 82, 83].map((runtime) => edit('PUT', id, '"v1"', { runtime })))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409])
    const [winner] = answers.filter(({ statusCode }) => statusCode === 200)
    expect((await get(`/movies/${id}`)).runtime).toBe(winner!.json().runtime)
  })

  it('grows when another title that goes makes it the first part of the story', async () => {
    const first = await create({ title: 'Opening' })
    const second = await create({ title: 'Opening 2', part_of: first.id, part_number: 2 })
    await send('DELETE', `/movies/${first.id}`)
    expect(await get(`/movies/${second.id}`)).toMatchObject({ part_of: null, version: 2 })
    expect((await edit('PUT', second.id, '"v1"', { runtime: 90 })).statusCode).toBe(409)
  })
})

describe('the audit log', () => {
  const entries = async (id: string) => {
    const rows = ctx.db.selectFrom('audit_log').select(['action', 'actor_id', 'address', 'details'])
    return rows.where('target_id', '=', id).orderBy('id').execute()
  }

  it('says who wrote which title, and what of it', async () => {
    const { id } = await create({ title: 'Accounted For' })
    await change(id, { runtime: 77, genres: [] })
    await send('PUT', `/movies/${id}/featured`, { position: 3 })
    await send('DELETE', `/movies/${id}/featured`)
    await send('DELETE', `/movies/${id}`)
    const by = { actor_id: actorWith('admin').id, address: '127.0.0.1' }
    expect(await entries(id)).toEqual([
      { ...by, action: 'title.created', details: { slug: 'accounted-for' } },
      { ...by, action: 'title.updated', details: { slug: 'accounted-for', fields: ['runtime', 'genres'] } },
      { ...by, action: 'title.featured', details: { position: 3, until: null } },
      { ...by, action: 'title.unfeatured', details: {} },
      { ...by, action: 'title.deleted', details: { slug: 'accounted-for' } },
    ])
  })

  it('has nothing of what was refused', async () => {
    const { id } = await create({ title: 'Refused', release_year: 2012 })
    await create({ title: 'Refused', release_year: 2013 })
    expect((await send('PUT', `/movies/${id}`, { release_year: 2013 })).statusCode).toBe(409)
    expect((await entries(id)).map(({ action }) => action)).toEqual(['title.created'])
  })
})

describe('the parts of a story', () => {
  const partSlugs = async (path: string) => (await get(path)).parts.map(({ slug }: { slug: string }) => slug)

  it('are one step deep, without cycles', async () => {
    const first = await create({ title: 'Story' })
    const second = await create({ title: 'Story 2', part_of: first.id, part_number: 2 })
    const alone = await create({ title: 'Alone' })
    const place = { part_number: 3 }
    const part = (id: string, part_of: string) => wrongFields('PUT', `/movies/${id}`, { part_of, ...place })
    expect(await part(first.id, first.id)).toEqual(['body.part_of'])
    expect(await part(first.id, second.id)).toEqual(['body.part_of'])
    expect(await part(alone.id, second.id)).toEqual(['body.part_of'])
    expect(await part(first.id, alone.id)).toEqual(['body.part_of'])
    expect(await wrongFields('PUT', `/movies/${second.id}`, { part_number: null })).toEqual(['body.part_number'])
    expect((await change(second.id, { part_of: null, part_number: null })).parts).toEqual([])
  })

  it('lets only one of two titles become part of the other', async () => {
    const [one, two] = [await create({ title: 'Chicken' }), await create({ title: 'Egg' })]
    const answers = await Promise.all([
      send('PUT', `/movies/${one.id}`, { part_of: two.id, part_number: 2 }),
      send('PUT', `/movies/${two.id}`, { part_of: one.id, part_number: 2 }),
    ])
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 422])
  })

  it('are shown anew by every part when one joins, changes or goes', async () => {
    const first = await create({ title: 'Saga' })
    const third = await create({ title: 'Saga Three', part_of: first.id, part_number: 3 })
    expect(await partSlugs('/movies/saga')).toEqual(['saga', 'saga-three'])
    const second = await create({ title: 'Saga Two', part_of: first.id, part_number: 2 })
    expect(await partSlugs('/movies/saga-three')).toEqual(['saga', 'saga-two', 'saga-three'])
    expect((await send('DELETE', `/movies/${first.id}`)).statusCode).toBe(204)
    expect(await partSlugs('/movies/saga-three')).toEqual(['saga-two', 'saga-three'])
    expect((await get('/movies/saga-three')).part_of.id).toBe(second.id)
    expect((await get('/movies/saga-two')).part_of).toBeNull()
    await send('DELETE', `/movies/${third.id}`)
    expect(await partSlugs('/movies/saga-two')).toEqual([])
  })
})

describe('deleting a title', () => {
  it('takes all of it away, says so in the outbox, and counts it no longer', async () => {
    const { id, slug } = await create({ title: 'Doomed', genres: ['crime'], cast: [{ name: 'Survivor' }] })
    const count = async () =>
      (await ctx.db.selectFrom('genres').select('movie_count').where('slug', '=', 'crime').executeTakeFirstOrThrow())
        .movie_count
    const before = await count()
    expect((await app.inject(`/api/v1/movies/${slug}`)).statusCode).toBe(200)
    const answer = await send('DELETE', `/movies/${id}`)
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect((await app.inject(`/api/v1/movies/${slug}`)).statusCode).toBe(404)
    expect((await app.inject(`/api/v1/movies/${id}`)).statusCode).toBe(404)
    expect(await count()).toBe(before - 1)
    expect((await get('/people/survivor')).title_count).toBe(0)
    expect(await events(id)).toEqual(['title.created', 'title.deleted'])
    expect((await send('DELETE', `/movies/${id}`)).statusCode).toBe(404)
  })

  it('refuses a title of the other type', async () => {
    const { id } = await makeTitle(ctx.db)
    expect((await send('DELETE', `/series/${id}`)).statusCode).toBe(404)
    expect((await send('DELETE', '/movies/slug')).statusCode).toBe(422)
  })
})

describe('featured titles', () => {
  const featured = async (path = '/movies') =>
    (await get(`${path}/featured`)).data.map(({ title }: { title: string }) => title)

  it('are in the order that editors give them, until their time is up', async () => {
    const [a, b] = [await create({ title: 'Feature A' }), await create({ title: 'Feature B' })]
    const series = await create({ title: 'Feature C' }, '/series')
    expect(await featured()).toEqual([])
    const until = '2126-12-26T01:00:00+01:00'
    const answer = await send('PUT', `/movies/${a.id}/featured`, { position: 2, until })
    expect(answer.json()).toEqual({ movie_id: a.id, position: 2, until: '2126-12-26T00:00:00Z' })
    expect((await send('PUT', `/movies/${b.id}/featured`, { position: 1 })).json().until).toBeNull()
    await send('PUT', `/series/${series.id}/featured`, { position: 1 })
    expect(await featured()).toEqual(['Feature B', 'Feature A'])
    expect(await featured('/series')).toEqual(['Feature C'])
    await send('PUT', `/movies/${b.id}/featured`, { position: 3 })
    expect(await featured()).toEqual(['Feature A', 'Feature B'])
    expect((await send('DELETE', `/movies/${a.id}/featured`)).statusCode).toBe(204)
    expect((await send('DELETE', `/movies/${a.id}/featured`)).statusCode).toBe(204)
    expect(await featured()).toEqual(['Feature B'])
    await ctx.db.updateTable('featured_movies').set({ featured_until: sql`now() - interval '1 second'` }).execute()
    await ctx.cache.forgetFamilies('featured')
    expect(await featured()).toEqual([])
  })

  it.each([
    [{}, 'body.position'],
    [{ position: 0 }, 'body.position'],
    [{ position: 1, until: '2001-01-01T00:00:00Z' }, 'body.until'],
    [{ position: 1, until: 'tomorrow' }, 'body.until'],
    [{ position: 1, until: '2126-12-31T23:59:60Z' }, 'body.until'],
    [{ position: 1, note: 'x' }, 'body.note'],
  ])('refuse %j', async (body, field) => {
    const { id } = await makeTitle(ctx.db)
    expect(await wrongFields('PUT', `/movies/${id}/featured`, body)).toEqual([field])
  })

  it('are listed in pages, though two stand at one position and one comes in between', async () => {
    await ctx.db.deleteFrom('featured_movies').execute()
    await ctx.cache.forgetFamilies('featured', 'featured_ends')
    const titles = await Promise.all(['A', 'B', 'C', 'D'].map((end) => create({ title: `Paged ${end}` })))
    for (const [index, { id }] of titles.entries()) {
      await send('PUT', `/movies/${id}/featured`, { position: Math.ceil((index + 1) / 2) })
    }
    const first = await get('/movies/featured?limit=1&include_total=true')
    expect(first.page.total).toBe(4)
    await send('PUT', `/movies/${(await create({ title: 'Paged In Front' })).id}/featured`, { position: 1 })
    const seen = [first.data[0].id]
    for (let next = first.page.next_cursor; next !== null; ) {
      const { data, page } = await get(`/movies/featured?limit=1&cursor=${next}`)
      seen.push(...data.map(({ id }: { id: string }) => id))
      next = page.next_cursor
    }
    // The one that came in has a later id than the first of its position.
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining(titles.map(({ id }) => id)))
    expect((await get('/movies/featured')).page).toEqual({ limit: 20, next_cursor: null, total: null })
    const tampered = await app.inject(`/api/v1/movies/featured?cursor=${first.page.next_cursor}x`)
    expect(tampered.json().details).toMatchObject([{ field: 'query.cursor' }])
  })

  it('are titles that there are', async () => {
    expect((await send('PUT', `/movies/${unknownId}/featured`, { position: 1 })).statusCode).toBe(404)
    expect((await send('DELETE', `/movies/${unknownId}/featured`)).statusCode).toBe(404)
  })
})

describe('the writes of the catalogue', () => {
  it.each([
    ['POST', '/movies'],
    ['PUT', `/movies/${unknownId}`],
    ['DELETE', `/series/${unknownId}`],
    ['PUT', `/movies/${unknownId}/featured`],
    ['DELETE', `/movies/${unknownId}/featured`],
  ] as const)('%s %s is for admins only', async (method, path) => {
    const anonymous = await testApp(ctx)
    const moderated = await testApp(ctx, { actor: actorWith('moderator') })
    const request = { method, url: `/api/v1${path}`, payload: {} }
    expect((await anonymous.inject(request)).statusCode).toBe(401)
    expect((await moderated.inject(request)).statusCode).toBe(403)
  })
})

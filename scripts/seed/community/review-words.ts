/** What sentences of reviews are made of. {p} is a name, {c} a place, {a} an aspect, {n} a number, {s} a scene. */
export interface Phrases {
  readonly good: readonly string[]
  readonly bad: readonly string[]
  readonly any: readonly string[]
  readonly aspects: readonly string[]
}
export type ReviewLanguage = 'en' | 'pcm' | 'yo' | 'ig' | 'ha'

const lines = (text: string): readonly string[] => text.normalize('NFC').trim().split(/\n\s*/)

const english: Phrases = {
  good: lines(`
    {p} carries this film from the first minute to the last.
    I laughed until my neighbour in {c} knocked on the wall.
    What a performance by {p}, honestly the best I have seen this year.
    Everything works here: {a}, {a}, even {a}.
    My mother, who never finishes a film, watched it {n} times.
    You can tell that somebody cared about {a}.
    {s} gave me goose bumps, and I am not easily moved.
    I came for the jokes and stayed for {a}.
    It made me miss {c} more than I expected.
    For once {a} is as good as the story deserves.
    Give {p} every award there is.
    We argued about {s} all the way home to {c}.
    This is how you tell a story about us without shouting.
    The chemistry between {p} and {p} is a joy to watch.`),
  bad: lines(`
    {a} let the whole thing down.
    I checked my phone {n} times before {s} arrived.
    Nobody in {c} talks like that, and {p} knows it.
    The plot forgets its own people after {s}.
    {p} deserved a better script than this one.
    Somebody please rescue {a} in the next one.
    It needed {n} fewer minutes and one more rewrite.
    I wanted to love it, but {a} kept pulling me out.
    {s} made no sense, however often I went back to it.
    They spent the money on cars and forgot {a}.
    The trailer promised more than {p} could deliver.`),
  any: lines(`
    I saw it in {c} with {n} friends.
    {s} is what people will talk about.
    {p} plays the elder sister, and plays her straight.
    Some will find {a} old-fashioned; I did not mind.
    It runs a little long after {s}.
    The part shot in {c} looks different from the rest.
    {a} reminded me of what we watched on VHS in {c}.
    There is more going on in {a} than you notice at first.
    I went in knowing nothing, and that is the way to do it.
    Watch it with somebody from {c} and ask what they think.
    My cousin {p} disagrees with me, as usual.
    The first {n} minutes are slow, then it finds its feet.
    Pay attention to {a}, it comes back at the end.
    I would see another film by the same people.
    {p} and {p} share only one scene, and it is {s}.`),
  aspects: lines(`
    the acting
    the sound
    the lighting
    the dialogue
    the ending
    the soundtrack
    the camera work
    the pacing
    the wardrobe
    the subtitling
    the make-up
    the editing
    the language
    the way it shows our culture
    the set design
    the humour
    the casting
    the fight choreography`),
}

const pidgin: Phrases = {
  good: lines(`
    Dis film sweet me die, I no go lie.
    {p} act am well well, e no get part two.
    I laugh so tey belle dey pain me.
    {a} burst my brain, na correct work.
    My people for {c} go love dis one.
    E remain small make I cry when {s} land.
    Na {p} carry di whole film for head.
    I don watch am {n} times, e still dey sweet me.
    See as {a} clean, una do well.`),
  bad: lines(`
    {a} fall my hand, I no go lie.
    Abeg, who write dis story? {s} no make sense at all.
    I wan sleep before {s} reach.
    Dem waste {p} for dis film.
    {n} hours of my life wey I no go see again.
    Na wa o, {a} weak me.`),
  any: lines(`
    I watch am for {c} with my padi {p}.
    Na {s} people go dey gist about.
    {p} play di landlord, you go know am when you see am.
    Di part wey dem shoot for {c} get as e be.
    E long small, but e dey go.
    If you sabi {c}, you go understand {a}.
    My sister {p} talk say e better pass di last one.
    Look {a} well, e get why.`),
  aspects: lines(`
    di acting
    di sound
    di light
    di gist
    di ending
    di music
    di camera
    di cloth
    di yab
    di fight`),
}

const yoruba: Phrases = {
  good: lines(`
    Fíìmù yìí dùn gan-an, mo gbádùn rẹ̀.
    {p} ṣe ipa rẹ̀ dáadáa.
    Ìtàn náà wọ̀ mí lọ́kàn.
    {a} dára púpọ̀.
    Mo rẹ́rìn-ín títí nígbà tí mo wò ó ní {c}.
    Àṣà wa hàn kedere nínú rẹ̀.
    Mo rò pé {p} ló dára jù lọ.
    Ẹ lọ wò ó, ẹ ó gbádùn rẹ̀.`),
  bad: lines(`
    {a} kò tẹ́ mi lọ́rùn.
    Ó gùn jù, oorun fẹ́ẹ̀ gbé mi lọ.
    Wọn kò lo {p} bó ṣe yẹ.
    Ìtàn náà kò yé mi dáadáa.`),
  any: lines(`
    Mo wò ó ní {c} pẹ̀lú {p}.
    Mo ti wò ó ní ìgbà {n}.
    Ó rán mi létí {c}.
    {p} ni wọ́n fi ṣe olórí ẹbí.
    Ẹ fi ọkàn sí {a}.
    Àwọn tó wá láti {c} yóò mọ̀ ọ́n.
    Ẹ̀gbọ́n mi {p} kò gbà pẹ̀lú mi.`),
  aspects: lines(`
    Ìparí rẹ̀
    Orin inú rẹ̀
    Èdè inú rẹ̀
    Aṣọ wọn
    Ohùn inú rẹ̀
    Àwòrán rẹ̀`),
}

const igbo: Phrases = {
  good: lines(`
    Ihe nkiri a tọrọ m ụtọ nke ukwuu.
    {p} mere nke ọma.
    Akụkọ ya metụrụ m n’obi.
    {a} dị mma nke ukwuu.
    Omenala anyị pụtara ìhè na ya.
    Achịrị m ọchị ruo ụtụtụ na {c}.
    Gaanụ lee ya, ọ ga-atọ unu ụtọ.`),
  bad: lines(`
    {a} atọghị m ụtọ.
    Ọ dị ogologo karịa.
    Ha ejighị {p} mee ihe ọ bụla.
    Aghọtaghị m akụkọ ya.`),
  any: lines(`
    E lere m ya na {c}, mụ na {p}.
    E lere m ya ugboro {n}.
    O chetaara m {c}.
    {p} bụ nwanne nwoke ahụ.
    Lezienụ {a} anya.
    Ndị {c} ga-amata ya.
    Enyi m {p} ekwetaghị.`),
  aspects: lines(`
    Njedebe ya
    Egwu dị na ya
    Asụsụ ha sụrụ
    Uwe ha
    Ụda ya
    Eserese ya`),
}

const hausa: Phrases = {
  good: lines(`
    Fim ɗin nan ya burge ni sosai.
    {p} ta taka rawa sosai.
    Labarin ya taɓa zuciyata.
    {a} ya yi kyau ƙwarai.
    An nuna al’adunmu yadda ya kamata.
    Na yi dariya har na gaji a {c}.
    Ku je ku kalla, za ku ji daɗi.`),
  bad: lines(`
    {a} bai gamsar da ni ba.
    Ya yi tsawo da yawa.
    Ba a yi amfani da {p} yadda ya dace ba.
    Ban fahimci labarin ba.`),
  any: lines(`
    Na kalle shi a {c} tare da {p}.
    Na kalle shi sau {n}.
    Ya tuna min da {c}.
    {p} ce yayar jarumin.
    Ku lura da {a}.
    Mutanen {c} za su gane.
    Abokina {p} bai yarda ba.`),
  aspects: lines(`
    Ƙarshen
    Sautin
    Hoton
    Kiɗan
    Tufafin
    Rubutun`),
}

export const phrases: Readonly<Record<ReviewLanguage, Phrases>> = {
  en: english,
  pcm: pidgin,
  yo: yoruba,
  ig: igbo,
  ha: hausa,
}

export const scenes = lines(`
  the wedding
  the market scene
  the courtroom
  the scene at the bridge
  the last ten minutes
  the burial
  the dance
  the twist
  the flashback
  the night bus
  the naming ceremony
  the village meeting
  the phone call
  the dinner
  the confession
  the coronation
  the chase
  the visit to the shrine
  the reunion
  the hospital scene`)

/** Words of Nigerian languages with their tone marks, and what they mean. */
export interface LocalWord {
  readonly word: string
  readonly gloss: string
}

const list = (text: string): readonly LocalWord[] =>
  text
    .trim()
    .split(/\s*,\s*/)
    .map((pair) => {
      const [word = '', gloss = ''] = pair.split('=')
      return { word, gloss }
    })

export const yoruba = list(`
  Ifẹ́=Love, Owó=Money, Ẹ̀jẹ̀=Blood, Ọba=King, Ìyàwó=Wife, Ọkọ=Husband, Ọmọ=Child, Ilé=House, Ayé=World, Ọ̀rẹ́=Friend,
  Àṣírí=Secret, Ìjà=Fight, Ikú=Death, Ọ̀run=Heaven, Orí=Head, Àyànmọ́=Destiny, Ẹ̀bùn=Gift, Ìbínú=Anger, Ìtàn=Story, Ọ̀nà=Road,
  Ọjà=Market, Ìlú=Town, Ogun=War, Ayọ̀=Joy, Ẹkún=Tears, Ẹrú=Slave, Ìdájọ́=Judgement, Ẹ̀san=Vengeance, Adé=Crown, Agbára=Power,
  Ìgbàgbọ́=Faith, Ìrètí=Hope, Ìwà=Character, Òtítọ́=Truth, Irọ́=Lie, Olè=Thief, Ọdẹ=Hunter, Àjẹ́=Witch, Oògùn=Medicine,
  Òjò=Rain, Oòrùn=Sun, Òṣùpá=Moon, Ìràwọ̀=Star, Odò=River, Òkun=Sea, Igbó=Forest, Ẹyẹ=Bird, Ejò=Snake, Ẹkùn=Leopard,
  Kìnnìún=Lion, Erin=Elephant, Ìyá=Mother, Bàbá=Father, Ọ̀tá=Enemy, Ìlérí=Promise, Májẹ̀mú=Covenant, Èrè=Reward,
  Ìpadàbọ̀=Return, Àdúrà=Prayer, Ìfẹ́kúfẹ̀ẹ́=Lust, Ọgbọ́n=Wisdom, Ìgbéyàwó=Wedding, Ilẹ̀=Land, Omi=Water, Iná=Fire,
  Ìbejì=Twins, Aṣọ=Cloth, Ojú=Eye, Ọwọ́=Hand, Ẹsẹ̀=Foot, Ọ̀rọ̀=Word, Orin=Song, Ìlù=Drum, Èṣù=Trickster, Àbúrò=Sibling,
  Olówó=Rich Man, Tálákà=Poor Man, Ọlọ́run=God, Ìwé=Book, Ọjọ́=Day, Òru=Night, Ọdún=Year, Ìṣẹ́=Poverty, Iṣẹ́=Work, Ìgbà=Time`)

export const igbo = list(`
  Ịhụnanya=Love, Ego=Money, Ọbara=Blood, Eze=King, Nwa=Child, Nwunye=Wife, Di=Husband, Ụlọ=House, Ụwa=World, Enyi=Friend,
  Ọnwụ=Death, Ọgụ=Fight, Agha=War, Ụzọ=Road, Ahịa=Market, Obodo=Town, Mmiri=Water, Ọhịa=Forest, Agụ=Leopard, Ọdụm=Lion,
  Eke=Python, Nne=Mother, Nna=Father, Nwanne=Sibling, Iro=Enmity, Ọṅụ=Joy, Ákwá=Tears, Eziokwu=Truth, Asị=Lie, Dibia=Healer,
  Ọgwụ=Medicine, Ikpe=Judgement, Okwukwe=Faith, Olileanya=Hope, Ike=Strength, Anyanwụ=Sun, Ọnwa=Moon, Kpakpando=Star,
  Ụbọchị=Day, Abalị=Night, Nkwa=Promise, Ihere=Shame, Ọkụ=Fire, Obi=Heart, Aka=Hand, Anya=Eye, Egwu=Dance, Ala=Land,
  Okwu=Word, Onyinye=Gift, Ọchị=Laughter, Ikenga=Might, Ọfọ=Justice, Nsọ=Taboo, Ụmụ=Children, Ada=Daughter, Ọkpara=First Son`)

export const hausa = list(`
  Soyayya=Love, Kuɗi=Money, Jini=Blood, Sarki=King, Mata=Wife, Miji=Husband, Gida=House, Duniya=World, Aboki=Friend,
  Mutuwa=Death, Ƙaddara=Destiny, Yaƙi=War, Hanya=Road, Kasuwa=Market, Gari=Town, Ruwa=Water, Daji=Forest, Zaki=Lion,
  Giwa=Elephant, Maciji=Snake, Uwa=Mother, Uba=Father, Maƙiyi=Enemy, Kuka=Tears, Gaskiya=Truth, Ƙarya=Lie, Ɓarawo=Thief,
  Magani=Medicine, Hukunci=Judgement, Imani=Faith, Ƙarfi=Strength, Rana=Sun, Wata=Moon, Tauraro=Star, Dare=Night,
  Alƙawari=Promise, Kunya=Shame, Amarya=Bride, Kishiya=Rival Wife, Zuciya=Heart, Rayuwa=Life, Amana=Trust, Sirri=Secret,
  Mafarki=Dream, Wuta=Fire, Ƙasa=Land, Hannu=Hand, Ido=Eye, Kyauta=Gift, Labari=Story, Ƴanci=Freedom, Ɗaukaka=Glory, Tafiya=Journey`)

/** Consonants and vowels that made-up words are built from, by language; ten of one and seven of the other at most. */
const syllables = {
  yo: {
    consonants: ['b', 'd', 'gb', 'j', 'k', 'l', 'm', 'ṣ', 't', 'y'],
    vowels: ['à', 'é', 'ẹ̀', 'í', 'ó', 'ọ́', 'ú'],
    start: ['À', 'Ẹ̀', 'Ì', 'Ò', 'Ọ̀'],
  },
  ig: {
    consonants: ['b', 'ch', 'gb', 'k', 'kw', 'm', 'n', 'nw', 'r', 'z'],
    vowels: ['a', 'e', 'i', 'ị', 'o', 'ọ', 'ụ'],
    start: ['A', 'E', 'Ị', 'O', 'Ụ'],
  },
  ha: {
    consonants: ['b', 'd', 'ɗ', 'g', 'k', 'ƙ', 'm', 'r', 's', 'z'],
    vowels: ['a', 'i', 'u', 'a', 'e', 'o', 'u'],
    start: ['Da', 'Ga', 'Ma', 'Ta', 'Za'],
  },
} as const

export type LocalLanguage = keyof typeof syllables

/** A word that looks like the language's, another for every number: rare words and the names of people and places. */
export function madeUpWord(language: LocalLanguage, serial: number): string {
  const { consonants, vowels, start } = syllables[language]
  // Serials next to each other would otherwise give words that differ only in their ends.
  let rest = (serial * 7919 + 104729) % 85_766_121
  let word: string = start[rest % start.length]!
  rest = Math.floor(rest / start.length)
  for (let count = 0; rest > 0 || count < 2; count++) {
    word += consonants[rest % 10]! + vowels[Math.floor(rest / 10) % 7]!
    rest = Math.floor(rest / 70)
  }
  return word
}

/** Without marks, as most keyboards write it. */
export const plain = (text: string): string =>
  text
    .replace(/[ɓɗƙƴ]/gi, (letter) => plainHausa[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')

const plainHausa: Readonly<Record<string, string>> = {
  ɓ: 'b',
  ɗ: 'd',
  ƙ: 'k',
  ƴ: 'y',
  Ɓ: 'B',
  Ɗ: 'D',
  Ƙ: 'K',
  Ƴ: 'Y',
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export interface NameStock {
  readonly weight: number
  readonly given: readonly string[]
  readonly surnames: readonly string[]
}

const joined = (starts: string, ends: string): readonly string[] =>
  words(starts).flatMap((start) => words(ends).map((end) => start + end))

const yorubaNames = joined(
  'Adé Olú Ayọ̀ Fọlá Ọlá Olúwa Akin Ògún Ifẹ́ Ọmọ Tẹmí Tolú Bá Fún',
  'báyọ̀ wálé túndé yẹmí ṣeun dámọ́lá fẹ́mi kúnlé ṣọlá dayọ̀ níyì ṣẹ́gun gbéga rótìmí láyọ̀ tóyìn bùnmi kẹ́mi jùmọ̀kẹ́ lékè',
)
const igboNames = joined(
  'Chi Obi Ama Ife Nke Uche Oke Nwa',
  'nedu dinma maka ebuka nonso kelu jioke zie oma chukwu naya lotam kamso anyi',
)
const edoNames = joined('Osa Efe Igho Eho Ivie Ese', 'gie ze retin muyi yuwa garo yimwen osa bor mwen')

/** Names by people, in rough proportion to their share of the industry. Zipf picks among them: the first are the commonest. */
export const nameStocks: readonly NameStock[] = [
  {
    weight: 38,
    given: [
      ...words(
        'Tunde Kemi Bola Sola Femi Kunle Yemi Segun Toyin Bimbo Ronke Folake Sade Dele Wale Jide Funmi Tope Bukky Biodun Iyabo Dayo Gbenga Tayo Lola Kehinde Taiwo Idowu Moji Yinka',
      ),
      ...yorubaNames,
    ],
    surnames: [
      ...words(
        'Balogun Ojo Bello Afolabi Adeyemi Alabi Oyelaran Ogunleye Adebanjo Akinola Oladipo Fasasi Sowande Ajayi Lawal Salako Bakare Olaniyan Odukoya Shonibare Falade Osho Ayinde Alade Ige',
      ),
      ...yorubaNames,
    ],
  },
  {
    weight: 34,
    given: [
      ...words(
        'Emeka Ngozi Chidi Ifeoma Obinna Adaeze Uche Nneka Kelechi Chika Ikenna Amaka Ebuka Nkechi Ugochi Somto Kachi Zikora Nnamdi Oge Azubuike Ijeoma Kosi Tochi Ezinne',
      ),
      ...igboNames,
    ],
    surnames: [
      ...words(
        'Okafor Eze Nwosu Okeke Okonkwo Obi Nwachukwu Onyeka Anyanwu Ibe Uzor Mbah Aneke Ugwu Iroegbu Odili Nnaji-Obi Ekwueme Umeh Agu Igwe Madu Opara Ezeani Chukwu',
      ),
      ...igboNames,
    ],
  },
  {
    weight: 10,
    given: words(
      'Musa Aisha Ibrahim Fatima Sani Zainab Umar Hauwa Yusuf Maryam Abubakar Halima Bashir Hadiza Kabir Rabi Garba Safiya Nura Jamila Tijjani Asabe Lawan Binta Ɗanladi Sadiya Isma’il Ladi Balarabe Rakiya',
    ),
    surnames: words(
      'Danjuma Bichi Gwarzo Zaria Katsina Funtua Daura Dutse Kazaure Gaya Wudil Bala Shehu Adamu Garba Mu’azu Aliyu Usman Ɗantata Ɗanbatta Rano Hadejia Gusau Malumfashi Bakori Tanko Idris Yakasai Kumo Ƙofa',
    ),
  },
  {
    weight: 8,
    given: [...words('Osas Efosa Itohan Isoken Nosa Eki Uyi Imade Adesuwa Ehi Omoruyi Iyare'), ...edoNames],
    surnames: [
      ...words(
        'Igbinedion Aigbe Omoregie Idahosa Osunde Ogbeide Airhiavbere Erhabor Uwaifo Ighodalo Eweka Obaseki-Ehi',
      ),
      ...edoNames,
    ],
  },
  {
    weight: 6,
    given: words(
      'Emem Ekaette Idara Uduak Nsikak Ini Aniekan Mfon Inem Utibe Edidiong Okon Bassey Ekpenyong Arit Affiong Eno Otobong',
    ),
    surnames: words(
      'Etim Effiong Bassey Okon Udoh Ekanem Essien Inyang Akpan Umoh Archibong Duke-Ita Eyo Asuquo Ekong Udofia Edet Antia',
    ),
  },
  {
    weight: 4,
    given: words(
      'Ebiere Timi Preye Tari Ebi Oghenekaro Ejiro Ovie Efe Oghenetega Rukevwe Kome Ufuoma Voke Onome Doubara Ayebaemi Perewari',
    ),
    surnames: words(
      'Dickson-Ebi Okotie Ogbe Edafe Onoriode Clark-Tari Amangala Dede-Ovie Agbeyegbe Ekiyor Omatsola Ideh Emuobo Brume Tebowei Orubebe',
    ),
  },
]

export const stageNames = words(`
  Baba Iya Mama Papa Mr Oga Madam Aunty Uncle Alhaji Chief Sisi Brother Lord MC
`)

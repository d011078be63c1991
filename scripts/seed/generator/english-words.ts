const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** What Nollywood titles are made of, the commonest first: their frequency falls with their rank. */
export const nouns = words(`
  Love Blood King Money Heart House Wedding Lagos Night Wife Prince Sin Tears Husband Mother Queen Daughter Secret Destiny
  Power Village Princess Bride Death Game Sister Brother Kingdom Pain Woman Man Palace War Desire Girl Boy Life Friend Enemy
  Father Marriage Betrayal Passion Revenge Trap Fire Crown Throne Price Mission Soul Honour Truth Lie Widow Maid Maiden Snake
  Stranger Lover Thief Witch Spirit Ghost Shadow Child Family Hunger Pride Glory Wealth Curse Oath Battle Storm Rain Moon Sun
  Star Mirror Grave Church Pastor Prophet Choir Market Street City Town Road River Island Bridge Forest Farm Compound Mansion
  Landlord Tenant Neighbour Driver Teacher Doctor Nurse Lawyer Judge Soldier Officer Governor Senator Chief Elder Hunter
  Fisherman Farmer Trader Tailor Barber Mechanic Musician Dancer Singer Model Director Billionaire Millionaire Beggar Orphan
  Twin Heir Heiress Ring Rose Diamond Gold Silver Pearl Necklace Letter Promise Vow Dream Hope Faith Grace Mercy Joy Peace
  Sorrow Sacrifice Ritual Shrine Idol Mask Masquerade Drum Dance Song Voice Silence Scream Whisper Smile Kiss Touch Scar Wound
  Knife Gun Bullet Sword Spear Arrow Chain Cage Prison Cell Gang Cult Cartel Syndicate Heist Robbery Kidnap Ransom Fraud Scam
  Hustle Deal Bargain Debt Loan Fortune Inheritance Will Testament Treasure Oil Cocoa Palm Yam Pepper Soup Bread Salt Honey
  Wine Poison Medicine Cure Fever Sickness Miracle Prayer Fasting Crusade Angel Devil Demon Serpent Lion Leopard Tiger
  Elephant Eagle Dove Vulture Owl Tortoise Spider Crocodile Hyena Goat Ram Cow Horse Dog Cat Rat Bird Nest Egg Feather Wing
  Tail Claw Tooth Bone Skull Skin Flesh Eye Ear Tongue Hand Finger Foot Knee Shoulder Back Belly Womb Seed Root Branch Leaf
  Flower Garden Tree Thorn Stone Rock Mountain Hill Valley Desert Ocean Sea Wave Tide Shore Harbour Boat Ship Train Plane Bus
  Taxi Danfo Okada Keke Car Wheel Engine Key Door Window Wall Roof Room Bed Pillow Blanket Kitchen Pot Spoon Plate Table Chair
  Stool Basket Calabash Gourd Well Bucket Lamp Candle Torch Lantern Light Darkness Dawn Morning Noon Evening Midnight Day Week
  Month Year Season Harmattan Christmas Easter Valentine Birthday Funeral Burial Wake Anniversary Festival Carnival Party
  Ceremony Coronation Engagement Honeymoon Divorce Affair Romance Jealousy Envy Greed Lust Anger Hatred Malice Wrath Shame
  Guilt Regret Remorse Doubt Fear Terror Horror Courage Valour Wisdom Folly Madness Sanity Memory Amnesia Past Future Time
  Clock Hour Minute Moment Chance Choice Decision Verdict Trial Court Justice Law Order Crime Murder Suicide Killer Assassin
  Hitman Detective Inspector Commissioner Warden Prisoner Fugitive Exile Refugee Immigrant Visa Passport Airport Hotel Hostel
  Campus School College University Lecturer Student Graduate Corper Intern Boss Secretary Manager Banker Cashier Accountant
  Contractor Engineer Architect Builder Bricklayer Carpenter Blacksmith Potter Weaver Hairdresser Butcher Baker Cook Chef
  Waiter Bartender Cleaner Gateman Houseboy Housegirl Nanny Governess Stepmother Stepfather Grandmother Grandfather Uncle
  Aunty Cousin Nephew Niece Fiancé Fiancée Bachelor Spinster Groom Virgin Mistress Concubine Sugar Daddy Mummy Baby Infant
  Toddler Teenager Youth Adult Ancestor Descendant Tribe Clan Lineage Dynasty Empire Republic Nation Country Border Frontier
  Colony Amazon Warrior Knight Guard Spy Agent Rebel Militant Pirate Bandit Outlaw Vigilante Hero Heroine Villain Victim
  Survivor Witness Suspect Saint Sinner Convert Deacon Bishop Reverend Sister Nun Monk Imam Alhaji Alhaja Herbalist Oracle
  Diviner Priestess Goddess Mermaid Ogbanje Abiku Vampire Zombie Monster Beast Creature Dragon Phoenix Unicorn
`)

export const adjectives = words(`
  Last Royal Wicked Dangerous Broken Lost Sweet Bitter Secret Dark Golden Black White Red Holy Evil Innocent Forbidden Hidden
  Stolen Blind Silent Beautiful Ugly Poor Rich Proud Humble Wild Lonely Crazy Foolish Wise Strange True False Final First
  Second Perfect Deadly Fatal Sacred Cursed Blessed Troubled Rugged Faithful Unfaithful Desperate Reckless Ruthless Heartless
  Fearless Endless Priceless Homeless Hopeless Restless Painful Sinful Powerful Wonderful Married Single Pregnant Barren
  Divided United Scattered Shattered Wounded Burning Bleeding Crying Dying Living Running Falling Rising Missing Waiting
  Undying Unforgiven Unbroken Untold Unseen Unknown Ancient Modern Eternal Sudden Bloody Deep Cold Hot Bad Good New Old Young
  Big Small Little Great Grand High Low Long Short Heavy Rough Smooth Sharp Blunt Crooked Straight Double Triple Native
  Foreign Local Urban Rural Noble Common Brave Cruel Gentle Tender Fierce Bold Shy Naughty Stubborn Greedy Jealous Lazy Clever
  Cunning Mysterious Magical Spiritual Immortal Mortal Virtuous Immoral Guilty Free Captive Wanted Unwanted Rejected
  Abandoned Betrayed Deceived Tempted Tested Trusted Chosen Crowned Fallen Risen Frozen Rotten Spoilt Ripe Raw Naked Painted
`)

export const places = words(`
  Lagos Abuja London Enugu Kano Ibadan Asaba Benin Onitsha Aba Owerri Calabar Jos Kaduna Abeokuta Warri Uyo Ilorin Ajegunle
  Lekki Surulere Ikeja Mushin Festac Nsukka Awka Zaria Sokoto Maiduguri Akure Oshogbo Ife Oyo Ijebu Epe Badagry Yenagoa
  Lokoja Makurdi Minna Bauchi Gombe Yola Jalingo Lafia Umuahia Abakaliki Nnewi Agbor Sapele Auchi Ekpoma Okene Dubai Atlanta
  America Ghana Accra Houston Paris Toronto Johannesburg Oshodi Obalende Yaba Ikorodu Makoko Bariga
`)

export const gerunds = words(`
  Finding Chasing Losing Saving Loving Marrying Burying Breaking Crossing Fighting Looking Waiting Running Falling Living
  Dying Missing Hunting Stealing Selling Buying Keeping Hiding Forgiving Forgetting Remembering Raising Killing Seeking
  Serving Knowing Meeting Leaving Returning Dancing Hustling Rescuing Redeeming Becoming Claiming
`)

export const kin = words(`
  Wife Husband Mother Father Sister Brother Daughter Son Mother-in-Law Father-in-Law Uncle Aunty Cousin Boss Landlord
  Neighbour Pastor Driver Maid Friend Enemy Ex Village King Prince Queen Bride Lover Twin Teacher Madam Oga
`)

export const pidginTitles = [
  'Oga {n}',
  'Madam {n}',
  '{n} Wahala',
  'Na {n} Dey Reign',
  'No {n} No Marriage',
  'Wetin {n} Go Do',
  'I Go Marry {p}',
  'Who Thief My {n}',
  '{n} Don Scatter',
  'Shine Your {n}',
  'Carry Your {n}',
  '{n} Palava',
  'No Be Today {n}',
  'God No Go Shame {p}',
  '{n} No Be Small Thing',
  'E Don Red for {c}',
  'Abeg Free My {n}',
  '{c} No Get Brake',
  'Body No Be {n}',
  'My {n} Na Wa',
  'Small {n} Big Trouble',
  'Japa to {c}',
  '{p} the Sharp Guy',
  'Dem Say {n}',
  'Wahala Be Like {n}',
  '{n} Dey Street',
] as const

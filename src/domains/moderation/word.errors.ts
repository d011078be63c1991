import { defineError, invalidField } from '../../lib/errors.ts'

export const wordNotFound = defineError('not_found', 404, 'There is no such word.')
export const phraseNotFound = defineError('not_found', 404, 'There is no such phrase.')
export const wordExists = defineError('word_exists', 409, 'The word is in the list of this language already.')
export const phraseExists = defineError('phrase_exists', 409, 'The phrase is allowed already.')
export const listFull = defineError('list_full', 409, 'The list is full: take something out of it first.')
export const tooFewLetters = (field: string) => () => invalidField(field, 'must have at least two letters')

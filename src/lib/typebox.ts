/** The one door to TypeBox: routes' types and the type provider must come from the same copy of it. */
export { type Static, type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox'

import { type TSchema, Type } from 'typebox'

/** A member that is always there, null where there is nothing to say. */
export const orNull = <T extends TSchema>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description })
